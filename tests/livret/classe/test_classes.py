"""La liste des classes, année par année."""

from django.urls import reverse

from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    connecte,
    requetes,
    statuts,
)
from tests.monde import Monde

URL = "/classes/"


def test_droits(monde: Monde) -> None:
    assert reverse("livret:classes") == URL
    # La liste ne désigne aucun objet : le collègue et l'enseignant d'ailleurs y voient les leurs.
    assert statuts(monde, URL) == {**EQUIPE_ET_ADMINISTRATION, "collègue": 200, "ailleurs": 200}


def test_chacun_ses_classes(monde: Monde) -> None:
    page = connecte(monde.a.administrateur).get(URL).content.decode()
    assert monde.a.classe.nom in page
    assert "2025-2026" in page
    page = connecte(monde.b.enseignant).get(URL).content.decode()
    assert monde.b.classe.nom in page
    assert monde.a.classe.nom not in page


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.get(URL)) == 5
    factories.classe(monde.a.promotion, [monde.a.enseignant], niveau="1re")
    factories.classe(monde.a.promotion, [monde.a.enseignant], niveau="2de")
    assert requetes(lambda: client.get(URL)) == 5
