"""L'échelle et les séquences à plusieurs au même instant, sur de vraies connexions."""

import datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from livret.models import EchelleAttendue
from livret.progression.attentes import attentes_de
from livret.progression.echelle import (
    Cle,
    EchelleEnvoyee,
    Issue,
    cadre,
    enregistrer,
)
from tests import factories
from tests.monde import Monde
from tests.simultane import ensemble

pytestmark = pytest.mark.django_db(transaction=True)


def test_six_enseignants_sur_six_cases_ne_perdent_rien(monde: Monde) -> None:
    promotion, auteur = monde.a.promotion, monde.a.enseignant
    c1 = monde.referentiel.competences.get(code="C1").pk

    def envoyer(semestre: int) -> Issue:
        with transaction.atomic():
            return enregistrer(
                cadre(promotion), EchelleEnvoyee({Cle("c", c1, semestre): "2"}, 0), auteur, timezone.now()
            )

    rendus = ensemble(*(lambda semestre=semestre: envoyer(semestre) for semestre in range(1, 7)))
    assert [type(rendu) for rendu in rendus] == [Issue] * 6
    assert attentes_de([promotion])[promotion.pk].competences == {"C1": dict.fromkeys(range(1, 7), 2)}
    assert sorted(EchelleAttendue.objects.values_list("numero", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_deux_deplacements_au_meme_instant_n_en_gardent_qu_un(monde: Monde) -> None:
    sequence = factories.sequence(monde.a.classe, monde.a.enseignant, debut="2025-11-03", semaines=1)
    adresse = reverse("livret:sequence-poser", args=[sequence.pk])
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(monde.a.enseignant)

    def poser(client: Client, lundi: str) -> int:
        fin = datetime.date.fromisoformat(lundi) + datetime.timedelta(days=6)
        envoi = {"debut": lundi, "fin": fin.isoformat(), "vue": 0}
        return client.post(adresse, envoi, headers={"HX-Request": "true"}).status_code

    rendus = ensemble(lambda: poser(clients[0], "2025-11-10"), lambda: poser(clients[1], "2025-11-17"))
    assert sorted(rendus) == [200, 409]
    sequence.refresh_from_db()
    assert sequence.pose == 1
