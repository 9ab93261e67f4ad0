"""Ce que chaque page doit à chacun : son contenu, un refus (403), l'ignorance (404) ; et rien qui fuie."""

from collections.abc import Callable, Mapping

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from livret.models import Utilisateur
from tests.monde import INTRUS, Monde
from tests.tirage_blanc import sans_mise_en_page
from trpm.base.revisions import oublier_le_commun
from trpm.permissions import Role

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


def connecte(user: Utilisateur) -> Client:
    client = Client()
    client.force_login(user)
    return client


def adresse(nom: str, *args: int) -> str:
    return reverse(f"livret:{nom}", args=args)


def messages(reponse: HttpResponse) -> list[str]:
    return [str(message) for message in reponse.context["messages"]]


def requetes(appel: Callable[[], object]) -> int:
    """Combien de requêtes, sans rien de gardé du référentiel."""
    oublier_le_commun()
    with sans_mise_en_page(), CaptureQueriesContext(connection) as capture:
        appel()
    return len(capture)


def statuts(
    monde: Monde, url: str, methode: str = "get", donnees: Mapping[str, object] | None = None
) -> dict[str, int]:
    """Réponse faite à chaque rôle de A, à un collègue hors de l'équipe et à un enseignant de B."""
    comptes = {
        "administrateur": monde.a.administrateur,
        "enseignant": monde.a.enseignant,
        "collègue": monde.a.collegue,
        "élève": monde.a.compte_eleve,
        "membre": monde.a.membre,
        "président": monde.a.president,
        "ailleurs": monde.b.enseignant,
    }
    return statuts_de(comptes, url, methode, donnees)


def statuts_de(
    comptes: Mapping[str, Utilisateur],
    url: str,
    methode: str = "get",
    donnees: Mapping[str, object] | None = None,
) -> dict[str, int]:
    """Réponse faite à chacun de ces comptes ; « ailleurs » est de B, les autres de A.

    Rien de B ne se montre à qui est de A, ni de A à qui n'a pas la page. Sans compte, on se connecte.
    """
    statuts = {}
    for nom, compte in comptes.items():
        with sans_mise_en_page():
            reponse = getattr(connecte(compte), methode)(url, donnees or {})
        statuts[nom] = reponse.status_code
        if nom != "ailleurs" and "html" in reponse["Content-Type"]:
            assert INTRUS not in reponse.content.decode()
        elif reponse.status_code != 200:
            assert "ALPHA" not in reponse.content.decode()
    exiger_une_connexion(url, methode, donnees)
    return statuts


def exiger_une_connexion(url: str, methode: str = "get", donnees: Mapping[str, object] | None = None) -> None:
    anonyme = getattr(Client(), methode)(url, donnees or {})
    assert (anonyme.status_code, anonyme.url.split("?")[0]) == (302, "/connexion/")


def verifier_droits(
    monde: Monde,
    url: str,
    url_de_b: str,
    methode: str = "get",
    donnees: Mapping[str, object] | None = None,
    succes: int = 200,
) -> str:
    """L'administrateur de A entre chez lui et pas chez B ; les autres rôles sont refusés partout.

    Rend le contenu montré à l'administrateur. L'appel qui réussit est joué en dernier.
    """
    exiger_une_connexion(url, methode, donnees)
    for role, compte in monde.a.comptes.items():
        if role != Role.ADMINISTRATEUR:
            reponse = getattr(connecte(compte), methode)(url, donnees or {})
            assert (role, reponse.status_code) == (role, 403)
    client = connecte(monde.a.administrateur)
    ailleurs = getattr(client, methode)(url_de_b, donnees or {})
    assert ailleurs.status_code == 404
    assert INTRUS not in ailleurs.content.decode()
    reponse = getattr(client, methode)(url, donnees or {})
    assert reponse.status_code == succes
    contenu = reponse.content.decode()
    assert INTRUS not in contenu
    return contenu
