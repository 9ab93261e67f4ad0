"""La page d’une classe dans un vrai navigateur : un seul défilement, et la saisie au téléphone."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.ecran import accessible, sans_debordement
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)
TAILLES = ((390, 844), (820, 1180), (1440, 900), (1920, 1080))
DEFILANTS = """[...document.querySelectorAll('main, main *')]
  .filter((un) => un.scrollHeight > un.clientHeight + 1)
  .filter((un) => ['auto', 'scroll'].includes(getComputedStyle(un).overflowY))
  .map((un) => un.className)"""
PAGES = ("classe", "situations", "echanges", "classe-pfmp", "bilans", "couverture", "groupes")


def sain(page: Page) -> None:
    accessible(page)
    sans_debordement(page)


def test_la_page_defile_pas_le_tableau(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    for rang in range(22):
        factories.eleve(monde.a.classe, f"ÉLÈVE {rang:02}")
    connecter(page, monde.a.enseignant)
    for largeur, hauteur in TAILLES:
        page.set_viewport_size({"width": largeur, "height": hauteur})
        page.goto(monde.a.classe.get_absolute_url())
        capturer(page, f"classe-{largeur}")
        defilants = page.evaluate(DEFILANTS)
        assert defilants == []
        if largeur > 640:
            cases = page.locator("table.tableau tbody tr").first.locator(".case").all()
            larges = [case.bounding_box()["width"] for case in cases]
            assert max(larges) - min(larges) <= 1, larges


def test_saisir_au_telephone_en_deux_gestes(monde: Monde, telephone: Page, connecter: Callable) -> None:
    connecter(telephone, monde.a.enseignant)
    telephone.goto(monde.a.classe.get_absolute_url())
    telephone.get_by_role("link", name="Situations", exact=True).tap()
    saisir = telephone.get_by_role("link", name="Saisir la grille de Étude de gamme A")
    bords = saisir.bounding_box()
    assert bords
    assert bords["x"] + bords["width"] <= 390
    assert bords["height"] >= 44
    saisir.tap()
    telephone.wait_for_url(f"**{reverse('livret:grille', args=[monde.a.situation.pk])}*")


def test_filtrer_et_trier_sans_script(monde: Monde, ouvrir_page: Callable, connecter: Callable) -> None:
    page = ouvrir_page({"width": 1440, "height": 900}, java_script_enabled=False)
    connecter(page, monde.a.enseignant)
    page.goto(monde.a.classe.get_absolute_url())
    rangees = page.locator("table.tableau tbody tr")
    page.get_by_role("link", name="C1", exact=False).first.click()
    expect(rangees.first).to_contain_text("Dominique")
    page.get_by_label("Nom").fill("camille")
    page.get_by_role("button", name="Montrer").click()
    expect(rangees).to_have_count(1)
    expect(page.get_by_text("1 élève sur 2")).to_be_visible()
    page.get_by_role("link", name="Toute la classe, par nom").click()
    expect(rangees).to_have_count(2)
