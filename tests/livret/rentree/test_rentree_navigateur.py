"""Deux cents élèves changent d’année, dans un vrai navigateur."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from livret.models import Eleve, PassageDAnnee, Scolarite
from tests.ecran import accessible, sans_debordement
from tests.litanie import adresse
from tests.livret.rentree.ecole import DEPUIS, fin_d_annee

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ecritures]
LARGEURS = (390, 820, 1440) if os.environ.get("CAPTURES") else (390, 1440)


@pytest.mark.long
def test_deux_cents_eleves_changent_d_annee(page: Page, connecter: Callable, capturer: Callable) -> None:
    ecole = fin_d_annee(67)
    connecter(page, ecole.admin)
    page.goto(adresse("etablissement", ecole.lieu.pk))
    page.get_by_role("link", name="Changer d’année").click()
    page.get_by_text("Élèves de 2de A").click()
    classe = page.locator("table", has_text="2DE000")
    classe.locator("[data-cocher=redouble]").click()
    expect(classe.locator("input:checked[value=redouble]")).to_have_count(67)
    classe.locator("[data-cocher=monte]").click()
    classe.locator("input[value=redouble]").first.check()
    for largeur in LARGEURS:
        page.set_viewport_size({"width": largeur, "height": 900})
        sans_debordement(page)
        capturer(page, f"rentree-{largeur}")
    accessible(page)
    page.get_by_role("button", name="Voir ce qui changerait").click()
    expect(page.get_by_text("133 montent, 1 redouble, 67 partent")).to_be_visible()
    page.get_by_role("button", name="Changer d’année").click()
    expect(page.get_by_text("134 élèves y sont inscrits")).to_be_visible()
    capturer(page, "rentree-faite-1440")
    assert Scolarite.objects.filter(classe__annee__debut=DEPUIS + 1).count() == 134
    assert Eleve.objects.filter(actif=False).count() == 67
    page.get_by_role("button", name="Annuler ce changement d’année").click()
    expect(page.get_by_text("tout est comme avant")).to_be_visible()
    assert Scolarite.objects.filter(classe__annee__debut=DEPUIS + 1).count() == 0
    assert PassageDAnnee.objects.get().annule_le is not None
