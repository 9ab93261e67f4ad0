"""Une commission prête à décider, tirée du monde des tests (`tests/monde.py`).

EP1 pèse C1 3 et C2 1. Camille (A1) a C1 au niveau 2 et C2 au niveau 3 : 20 × 9 / 12 = 15. Dominique (A2)
a C1 au niveau 1 et était absent pour C2.
"""

import datetime
from decimal import Decimal

from django.urls import reverse

from certification.dossier.resultats import DossierLu, dossier_lu
from certification.models import Dossier, VersionFigee
from livret.models import Utilisateur
from tests import factories
from tests.litanie import statuts_de
from tests.monde import Monde
from trpm.base.instantane import ecrire
from trpm.permissions import Role

MAINTENANT = datetime.datetime(2026, 6, 3, 15, 4, tzinfo=datetime.UTC)


def lu(dossier: Dossier) -> DossierLu:
    return dossier_lu(Dossier.objects.get(pk=dossier.pk))


def decider(monde: Monde, dossier: Dossier, note: str = "15", **niveaux: int) -> None:
    """Arrête ces niveaux et propose cette note."""
    for code, valeur in (niveaux or {"C1": 2, "C2": 3}).items():
        factories.decision(dossier, code, monde.a.membre, valeur)
    if dossier.observations:
        dossier.vu_observations = ecrire(lu(dossier).grille.vu_observations())
    dossier.proposer(Decimal(note), dossier.motif_ecart, lu(dossier).grille.vu_note())


def arreter(dossier: Dossier, code: str, niveau: str, motif: str, auteur: Utilisateur) -> None:
    """Arrête un niveau au vu de ce qu’est la grille."""
    grille = lu(dossier).grille
    dossier.arreter(code, niveau, motif, auteur, grille.ligne(code).vu(grille.regle))


def figer(monde: Monde, dossier: Dossier) -> VersionFigee:
    return dossier.figer(lu(dossier).grille.vers_json(), monde.a.president, MAINTENANT)


def adresse(nom: str, *args: object) -> str:
    return reverse(f"certification:{nom}", args=args)


def statuts(monde: Monde, url: str, methode: str = "get", donnees: dict | None = None) -> dict[str, int]:
    """Réponse faite à chaque rôle de A et au président de B."""
    comptes = {role.value: compte for role, compte in monde.a.comptes.items()}
    comptes["membre d’une autre commission"] = _autre_membre(monde)
    comptes["ailleurs"] = monde.b.president
    return statuts_de(comptes, url, methode, donnees)


def _autre_membre(monde: Monde) -> Utilisateur:
    connu = Utilisateur.objects.filter(username="autre-membre").first()
    return connu or factories.utilisateur(
        Role.MEMBRE, etablissement=monde.a.etablissement, identifiant="autre-membre"
    )


REFUS = {
    "administrateur": 403,
    "enseignant": 403,
    "eleve": 403,
    "membre": 403,
    "president": 403,
    "inspecteur": 403,
    "membre d’une autre commission": 403,
    "ailleurs": 404,
}
COMMISSION = {
    **REFUS,
    "administrateur": 200,
    "membre": 200,
    "president": 200,
    "membre d’une autre commission": 404,
}
