"""Un établissement en fin d’année : une classe par année du cycle, des équipes, des groupes, une échelle."""

from dataclasses import dataclass

from livret.models import Classe, Eleve, Etablissement, Promotion, Utilisateur
from referentiel.models import Referentiel
from tests import factories
from trpm.permissions import Role

DEPUIS = 2025


@dataclass
class FinDAnnee:
    lieu: Etablissement
    admin: Utilisateur
    prof: Utilisateur
    classes: dict[str, Classe]

    @property
    def seconde(self) -> Classe:
        return self.classes["2de"]

    @property
    def premiere(self) -> Classe:
        return self.classes["1re"]

    @property
    def terminale(self) -> Classe:
        return self.classes["Tle"]

    def eleves(self, niveau: str) -> list[Eleve]:
        return list(Eleve.objects.presents(self.classes[niveau]))


def fin_d_annee(par_classe: int = 3) -> FinDAnnee:
    """2025-2026 : « 2de A », « 1re A », « Tle A » d’un même diplôme, trois promotions."""
    diplome = Referentiel.objects.filter(code="ESSAI").first() or factories.referentiel()
    lieu = factories.etablissement("Lycée ALPHA")
    admin = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lieu)
    prof = factories.utilisateur(Role.ENSEIGNANT, etablissement=lieu)
    classes = {}
    for rang, niveau in enumerate(("2de", "1re", "Tle")):
        session = DEPUIS + 3 - rang
        promotion: Promotion = factories.promotion(lieu, diplome, session=session, nom=f"USI {session}")
        classes[niveau] = factories.classe(promotion, [prof], niveau=niveau, nom=f"{niveau} A")
        eleves = [factories.eleve(classes[niveau], f"{niveau.upper()}{n:03d}") for n in range(par_classe)]
        factories.groupe(classes[niveau], eleves[:2], f"Groupe {niveau}")
    return FinDAnnee(lieu, admin, prof, classes)


def tout(**champs: object) -> dict[str, object]:
    """Ce que la page envoie quand on n’a rien décoché, complété."""
    return {"echelle": "on", "progression": "on", **champs}
