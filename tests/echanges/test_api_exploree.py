"""L'interface explorée par schemathesis d'après sa propre description : ni panne, ni rien de B.

Borné : quelques demandes par opération, tirées d'une graine fixe, la moitié mal faites.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from livret.models import Jeton
from tests.monde import INTRUS, Ecole, Monde

CONFORMES = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = {
    "/api/v1/classes": "",
    "/api/v1/classes/{pk}/eleves": "classe",
    "/api/v1/classes/{pk}/situations": "classe",
    "/api/v1/situations/{pk}/grille": "situation",
    "/api/v1/situations/{pk}/operations": "situation",
    "/api/v1/referentiels": "",
    "/api/v1/referentiels/{pk}": "referentiel",
}
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture(autouse=True)
def une_seule_connexion() -> Iterator[None]:
    """Servie comme en vrai, une demande rendrait la connexion où vit le monde du test."""
    signaux = (request_started, request_finished)
    for un in signaux:
        un.disconnect(close_old_connections)
    yield
    for un in signaux:
        un.connect(close_old_connections)


@cache
def description() -> Any:
    return schemathesis.openapi.from_wsgi(reverse("api-v1:openapi-json"), WSGIHandler())


def test_toutes_les_operations_sont_explorees() -> None:
    decrite = json.loads(Client().get(reverse("api-v1:openapi-json")).content)
    assert set(decrite["paths"]) == set(OPERATIONS)


def cible(ecole: Ecole, genre: str) -> int:
    return ecole.promotion.referentiel_id if genre == "referentiel" else getattr(ecole, genre).pk


@pytest.mark.parametrize("mode", MODES, ids=lambda un: un.value)
@pytest.mark.parametrize("chemin", OPERATIONS)
def test_explorer(monde: Monde, chemin: str, mode: GenerationMode) -> None:
    """Chez soi, ailleurs et n'importe où ; un chemin qui ne mène nulle part a la page du site."""
    maintenant = timezone.now()
    neuf = Jeton.creer(
        monde.a.enseignant, Jeton.Usage.SAISIE, "Essai", maintenant, maintenant.replace(year=2999)
    )
    entetes = {"Authorization": f"Bearer {neuf.secret}", "Accept-Encoding": "identity"}
    methode = "post" if chemin.endswith("operations") else "get"
    operation, genre = description()[chemin][methode], OPERATIONS[chemin]
    fixes = [{"pk": cible(ecole, genre)} for ecole in (monde.a, monde.b)] if genre else []

    @settings(
        max_examples=12,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(tirage=st.data())
    def explorer(tirage: st.DataObject) -> None:
        fixe = tirage.draw(st.sampled_from([None, *fixes]))
        demande = tirage.draw(operation.as_strategy(generation_mode=mode, path_parameters=fixe))
        reponse = demande.call(headers=entetes)
        hors_de_l_interface = reponse.status_code == 404 and "html" in reponse.headers["content-type"][0]
        demande.validate_response(reponse, checks=CONFORMES[:1] if hors_de_l_interface else CONFORMES)
        assert INTRUS not in reponse.text
        if fixe and fixe == fixes[1] and genre != "referentiel":
            assert reponse.status_code != 200

    explorer()
