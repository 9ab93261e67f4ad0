"""L'heure et le jour sont ceux de l'établissement : ses pages, ses courriels, ses papiers."""

import datetime

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from certification.lot import tirages
from certification.lot.models import Tirage
from livret.models import Etablissement, LienTuteur, Utilisateur
from tests.litanie import connecte
from tests.livret.pfmp.scene import scene
from tests.monde import Monde
from trpm.dates import FUSEAUX, heure_dite
from trpm.garde.heure import HeureLocaleMiddleware

SOIR = datetime.datetime(2026, 3, 10, 22, 30, tzinfo=datetime.UTC)


def a_la_reunion(lieu: Etablissement, fuseau: str = "Indian/Reunion") -> None:
    Etablissement.objects.filter(pk=lieu.pk).update(fuseau=fuseau)


@pytest.mark.parametrize(
    ("fuseau", "jour", "heure"),
    [
        ("Europe/Paris", 10, "23\xa0h\xa030"),
        ("Indian/Reunion", 11, "2\xa0h\xa030"),
        ("America/Martinique", 10, "18\xa0h\xa030"),
        ("Pacific/Noumea", 11, "9\xa0h\xa030"),
    ],
)
def test_la_page_a_l_heure_de_l_etablissement(monde: Monde, fuseau: str, jour: int, heure: str) -> None:
    a_la_reunion(monde.a.etablissement, fuseau)
    lus: list[tuple[int, str]] = []

    def vue(request: HttpRequest) -> HttpResponse:
        lus.append((timezone.localdate(SOIR).day, heure_dite(SOIR)))
        return HttpResponse()

    def suite(request: HttpRequest) -> HttpResponse:
        garde.process_view(request, vue, (), {})
        return vue(request)

    garde = HeureLocaleMiddleware(suite)
    request = RequestFactory().get("/")
    request.user = Utilisateur.objects.get(pk=monde.a.enseignant.pk)
    garde(request)
    assert lus == [(jour, heure)]
    assert timezone.get_current_timezone_name() == "Europe/Paris", "la demande suivante repart de Paris"


def test_chaque_fuseau_existe_et_se_choisit(monde: Monde) -> None:
    adresse = reverse("livret:etablissement-update", args=[monde.a.etablissement.pk])
    client = connecte(monde.a.administrateur)
    page = client.get(adresse).content.decode()
    for nom, libelle in FUSEAUX:
        with timezone.override(nom):
            assert timezone.localtime(SOIR)
        assert f'value="{nom}"' in page, libelle


def test_le_tuteur_lit_l_heure_de_l_etablissement_de_son_eleve(client: Client, monde: Monde) -> None:
    a_la_reunion(monde.a.etablissement)
    tenue = scene(monde.a)
    tenue.camille.competences.set(monde.a.situation.competences.all())
    fiche = tenue.camille.fiches_tuteur.create(tuteur=tenue.tuteur)
    acces = LienTuteur.creer(fiche, monde.a.enseignant, timezone.now())
    LienTuteur.objects.update(expire_le=SOIR)
    page = client.get(acces.chemin).content.decode()
    assert "11 mars 2026" in page.replace("\xa0", " ")
    assert "10 mars 2026" not in page.replace("\xa0", " ")


def test_un_document_tire_en_fond_est_a_l_heure_de_l_etablissement(
    monde: Monde, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_la_reunion(monde.a.etablissement)
    lot = monde.a.commission.lots.model(commission=monde.a.commission)
    monkeypatch.setattr(tirages, "_produire", lambda pris: heure_dite(SOIR).encode())
    monde.a.commission.etablissement.refresh_from_db()
    assert tirages.produire(Tirage(lot=lot)).decode() == "2\xa0h\xa030"
