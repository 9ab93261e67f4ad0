import pytest
from django.test import Client

from certification.models import Dossier
from tests.litanie import connecte
from tests.monde import Monde


@pytest.fixture
def camille(monde: Monde) -> Dossier:
    return monde.a.dossiers[0]


@pytest.fixture
def dominique(monde: Monde) -> Dossier:
    return monde.a.dossiers[1]


@pytest.fixture
def membre(monde: Monde) -> Client:
    return connecte(monde.a.membre)


@pytest.fixture
def president(monde: Monde) -> Client:
    return connecte(monde.a.president)


@pytest.fixture
def administrateur(monde: Monde) -> Client:
    return connecte(monde.a.administrateur)
