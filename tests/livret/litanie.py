"""Ce que chaque page doit à chacun : son contenu, un refus (403) ou l'ignorance (404)."""

from collections.abc import Callable, Mapping

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from livret.models import Utilisateur
from tests.monde import INTRUS, Monde


def connecte(user: Utilisateur) -> Client:
    client = Client()
    client.force_login(user)
    return client


def statuts(
    monde: Monde, url: str, methode: str = "get", donnees: Mapping[str, object] | None = None
) -> dict[str, int]:
    """Réponse faite à chaque rôle de A, à un collègue hors de l'équipe et à un enseignant de B.

    Aucune de ces réponses ne montre quoi que ce soit de l'autre établissement.
    """
    comptes = {
        "administrateur": monde.a.administrateur,
        "enseignant": monde.a.enseignant,
        "collègue": monde.a.collegue,
        "élève": monde.a.compte_eleve,
        "membre": monde.a.membre,
        "président": monde.a.president,
        "ailleurs": monde.b.enseignant,
    }
    reponses = {
        nom: getattr(connecte(compte), methode)(url, donnees or {}) for nom, compte in comptes.items()
    }
    for nom, reponse in reponses.items():
        if nom == "ailleurs" and reponse.status_code == 404:
            assert "ALPHA" not in reponse.content.decode()
        elif nom != "ailleurs" and "html" in reponse["Content-Type"]:
            assert INTRUS not in reponse.content.decode()
    anonyme = Client().get(url)
    assert (anonyme.status_code, anonyme.url.startswith("/connexion/")) == (302, True)
    return {nom: reponse.status_code for nom, reponse in reponses.items()}


EQUIPE_SEULE = {
    "administrateur": 403,
    "enseignant": 200,
    "collègue": 404,
    "élève": 403,
    "membre": 403,
    "président": 403,
    "ailleurs": 404,
}
EQUIPE_ET_ADMINISTRATION = {**EQUIPE_SEULE, "administrateur": 200}
COMMISSION_QUI_SIEGE = {"membre": 200, "président": 200}


def requetes(appel: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as capture:
        appel()
    return len(capture)
