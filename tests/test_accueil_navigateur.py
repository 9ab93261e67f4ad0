"""L'accueil de chaque rôle aux quatre tailles, Ctrl K au clavier et au téléphone, la cloche."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.ecran import accessible
from tests.monde import Monde
from trpm.accueil.avis import jeton_d_arret

pytestmark = pytest.mark.django_db(transaction=True)
TAILLES = {390: 844, 820: 1180, 1440: 900, 1920: 1080}


def test_ctrl_k_les_fleches_entree_echap(monde: Monde, page: Page, connecter: Callable) -> None:
    connecter(page, monde.a.enseignant)
    page.goto(monde.a.classe.get_absolute_url())
    page.keyboard.press("Control+k")
    champ = page.get_by_role("combobox", name="Chercher un élève", exact=False)
    expect(champ).to_be_focused()
    page.keyboard.type("alpha")
    options = page.locator("#trouver-liste").get_by_role("option")
    expect(options).to_have_count(2)
    expect(champ).to_have_attribute("aria-expanded", "true")
    expect(champ).to_have_attribute("aria-activedescendant", options.nth(0).get_attribute("id"))
    accessible(page)
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(champ).to_have_attribute("aria-expanded", "false")
    champ.fill("creer une sit")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/situations/nouvelle/")


def test_au_telephone_la_loupe_mene_au_meme_champ(monde: Monde, telephone: Page, connecter: Callable) -> None:
    connecter(telephone, monde.a.enseignant)
    telephone.goto("/")
    telephone.get_by_role("link", name="Chercher", exact=True).click()
    champ = telephone.get_by_role("combobox")
    expect(champ).to_be_focused()
    champ.fill("camille")
    telephone.get_by_role("option", name="Camille", exact=False).click()
    telephone.wait_for_url(f"**{monde.a.eleves[0].get_absolute_url()}")


def test_sans_script_le_champ_mene_a_la_page_des_resultats(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    page = ouvrir_page(java_script_enabled=False)
    connecter(page, monde.a.enseignant)
    page.goto("/")
    page.locator("#trouver").fill("dominique")
    page.locator("#trouver").press("Enter")
    page.locator("main").get_by_role("link", name="Dominique", exact=False).click()
    page.wait_for_url(f"**{monde.a.eleves[1].get_absolute_url()}")


def test_l_en_tete_compte_apres_coup_et_se_relit_apres_un_acte(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    factories.demande(monde.a.eleves[0], monde.a.classe)
    connecter(page, monde.a.enseignant)
    page.goto(monde.a.situation.get_absolute_url())
    attend = page.locator(".attend")
    expect(attend).to_have_text("À faire 2")
    page.get_by_role("button", name="Publier", exact=False).first.click()
    expect(attend).to_have_text("À faire 1")


def test_un_lien_de_courriel_coupe_l_avis_d_un_clic(
    monde: Monde, page: Page, connecter: Callable, settings: object
) -> None:
    connecter(page, monde.a.enseignant)
    page.goto(reverse("avis-arreter", args=[jeton_d_arret(monde.a.enseignant)]))
    expect(page.get_by_text("l’avis hebdomadaire ne partira plus")).to_be_visible()
    page.get_by_role("button", name="Le recevoir de nouveau").click()
    expect(page.get_by_text("L’avis hebdomadaire reprend.")).to_be_visible()
