"""Le référentiel officiel en base, et quelqu'un de chaque rôle devant lui."""

import pytest
from django.test import Client

from livret.models import Etablissement, Utilisateur
from referentiel.models import Referentiel
from tests import factories
from trpm.permissions import Role


@pytest.fixture
def trpm(db) -> Referentiel:
    return factories.trpm()


@pytest.fixture
def lycee(db) -> Etablissement:
    return factories.etablissement()


@pytest.fixture
def personne(lycee):
    """Crée et connecte une personne tenant ces rôles."""

    def connecter(*roles: Role) -> tuple[Client, Utilisateur]:
        compte = factories.utilisateur(*roles, etablissement=lycee)
        client = Client()
        client.force_login(compte)
        return client, compte

    return connecter


@pytest.fixture
def admin_client(personne) -> Client:
    return personne(Role.ADMINISTRATEUR)[0]


@pytest.fixture
def prof_client(personne) -> Client:
    return personne(Role.ENSEIGNANT)[0]
