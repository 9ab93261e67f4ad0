import pytest
from django.core.management import call_command
from django.urls import reverse

from referentiel.models import Referentiel
from tests import factories
from tests.referentiel.texte import rangees, texte

CROIX = {
    "A1": {"C1", "C4", "C5"},
    "A2": {"C6", "C7", "C8", "C9"},
    "A3": {"C2", "C3", "C10", "C11", "C12"},
}


def adresse(referentiel, option="RSP"):
    return reverse("referentiel:matrice", args=[referentiel.pk, option])


@pytest.mark.parametrize("option", ["RSP", "RMO"])
def test_croix(trpm, prof_client, option):
    entete, *lignes = rangees(prof_client.get(adresse(trpm, option)))
    assert entete == ["Activité", *[f"C{rang}" for rang in range(1, 13)]]
    lues = {
        ligne[0].split()[0]: {code for code, case in zip(entete, ligne, strict=True) if case == "●mobilisée"}
        for ligne in lignes
    }
    assert lues == CROIX


def test_intitules_de_l_option(trpm, prof_client):
    rmo = texte(prof_client.get(adresse(trpm, "RMO")))
    assert "A3 Suivi et maintenance d’un outillage existant de mise en forme d’un matériau" in rmo
    assert "Suivi d’une fabrication qualifiée" not in rmo


def test_sans_activite(db, prof_client):
    call_command("importer_referentiel", "tests/referentiel/demo.json", verbosity=0)
    referentiel = Referentiel.objects.get(code="DEMO")
    page = texte(prof_client.get(adresse(referentiel, "BOIS")))
    assert "Ce référentiel ne décrit aucune activité." in page


def test_sans_session_ni_role(trpm, client, personne):
    assert client.get(adresse(trpm)).status_code == 302
    assert personne()[0].get(adresse(trpm)).status_code == 403


def test_nombre_de_requetes(trpm, prof_client, django_assert_num_queries):
    with django_assert_num_queries(10):
        prof_client.get(adresse(trpm))
    petit = factories.referentiel()
    with django_assert_num_queries(10):
        prof_client.get(adresse(petit, "USI"))
