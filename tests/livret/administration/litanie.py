"""Ce que chaque page d'administration doit à chacun."""

from collections.abc import Mapping

from django.test import Client
from django.urls import reverse

from tests.livret.litanie import connecte
from tests.monde import INTRUS, Monde
from trpm.permissions import Role


def adresse(nom: str, *args: int) -> str:
    return reverse(f"livret:{nom}", args=args)


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
    anonyme = getattr(Client(), methode)(url, donnees or {})
    assert (anonyme.status_code, anonyme.url.split("?")[0]) == (302, "/connexion/")
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
