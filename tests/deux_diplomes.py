"""Un lycée où l'on entre dans une seconde commune (REMI), puis dans un diplôme (PRO). Rien n'y est officiel.

Les deux ont une C1, qui n'est pas la même ; P2 de REMI répond à C2 de PRO, le référentiel de PRO le déclare.
REMI n'a ni statut ni option ; PRO a des statuts. La seconde est en 2024-2025, la première en 2025-2026.
"""

import datetime
import json
from dataclasses import dataclass

from livret.models import Classe, Eleve, Etablissement, Situation, Utilisateur
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import Referentiel
from tests import factories
from tests.diplomes import avec_voies, diplome
from trpm.permissions import Role

REPOND = [{"diplome": "REMI", "source": "Équipe", "repondent": [{"code": "P2", "competences": ["C2"]}]}]


def importe(brut: dict) -> Referentiel:
    importer(lire_texte(json.dumps(brut)))
    return Referentiel.objects.get(code=brut["code"], version=brut["version"])


@dataclass
class DeuxDiplomes:
    lycee: Etablissement
    admin: Utilisateur
    de_seconde: Utilisateur
    de_premiere: Utilisateur
    seconde: Classe
    premiere: Classe
    lou: Eleve

    def en_seconde(self, eleve: Eleve | None = None, **niveaux: int) -> Situation:
        """Une situation publiée de seconde, certificative, où l'élève reçoit ces niveaux."""
        return self._situation(self.seconde, self.de_seconde, eleve or self.lou, niveaux)

    def en_premiere(self, eleve: Eleve | None = None, **niveaux: int) -> Situation:
        return self._situation(self.premiere, self.de_premiere, eleve or self.lou, niveaux)

    def _situation(self, classe: Classe, auteur: Utilisateur, eleve: Eleve, niveaux: dict) -> Situation:
        jour = datetime.date(classe.annee.debut + 1, 3, 9)
        situation = factories.situation(
            classe, auteur, niveaux, debut=jour, fin=jour, semestre=1, etat=Situation.Etat.PUBLIEE
        )
        for code, valeur in niveaux.items():
            factories.evaluation(situation, eleve, code, valeur)
        return situation


def deux_diplomes() -> DeuxDiplomes:
    lycee = factories.etablissement("Lycée des deux diplômes")
    admin = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lycee, nom="Directrice")
    de_seconde, de_premiere = (
        factories.utilisateur(Role.ENSEIGNANT, etablissement=lycee, nom=nom) for nom in ("Avant", "Apres")
    )
    remi = importe(diplome("REMI", {"R1": {"C1": None, "P2": None}}, (("N", 0), ("A", 1)), cycle=["2de"]))
    pro = importe(
        diplome(
            "PRO",
            {"E1": {"C1": 1, "C2": 2}},
            cycle=["1re", "Tle"],
            commission={"situations": {"retenues": "cycle"}},
            anterieurs=REPOND,
            **avec_voies(),
        )
    )
    seconde = factories.classe(
        factories.promotion(lycee, remi, "SANS", 2025, "REMI 2025"), [de_seconde], "2de"
    )
    promotion = factories.promotion(lycee, pro, "SANS", 2027, "PRO 2027")
    premiere = factories.classe(promotion, [de_premiere], "1re")
    compte = factories.utilisateur(Role.ELEVE, etablissement=lycee, nom="Lou")
    lou = factories.eleve(seconde, "ZEPHIR", "Lou", statut=None, compte=compte)
    return DeuxDiplomes(lycee, admin, de_seconde, de_premiere, seconde, premiere, lou)
