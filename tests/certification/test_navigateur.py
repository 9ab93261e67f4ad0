"""Une décision au clavier dans Chromium, et l'accessibilité des pages de la commission."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from certification.models import Dossier
from tests.certification import scene
from tests.certification.scene import (
    adresse,
    decider,
    figer,
    lu,
)
from tests.ecran import accessible, sans_debordement
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)


def test_decider_au_clavier(
    monde: Monde, camille: Dossier, page: Page, connecter: Callable, capturer
) -> None:
    connecter(page, monde.a.president)
    page.goto(camille.get_absolute_url())
    page.locator("#C1-0").focus()
    page.keyboard.press("3")
    expect(page.locator("#C1-erreur")).to_contain_text("Le niveau 3 n’est pas le niveau proposé (2)")
    page.locator("#C1-motif").fill("Vu en mai.")
    page.locator("#C1-motif").press("Tab")
    expect(page.locator("#C1 .trace")).to_contain_text(monde.a.president.nom_complet)
    expect(page.locator("#note")).to_contain_text("20,0")
    page.get_by_role("button", name="Accepter le niveau proposé").click()
    page.get_by_label("Note proposée").fill("20")
    page.get_by_role("button", name="Proposer cette note").click()
    expect(page.locator("#etat")).to_have_text("décidé")
    capturer(page, "commission-dossier-decide")
    page.locator("summary", has_text="Figer ce dossier").click()
    page.get_by_label("Figer sans noter les présences").check()
    page.get_by_role("button", name="Confirmer et figer").click()
    expect(page.locator("#etat")).to_have_text("figé")
    capturer(page, "commission-dossier-fige")
    grille = lu(camille).grille
    assert (str(grille.note_proposee), grille.ligne("C1").motif) == ("20.00", "Vu en mai.")


def test_decider_un_candidat_sans_souris(
    monde: Monde, camille: Dossier, dominique: Dossier, page: Page, connecter: Callable
) -> None:
    connecter(page, monde.a.president)
    page.goto(camille.get_absolute_url())
    page.keyboard.press("?")
    expect(page.locator("#touches")).to_have_attribute("open", "")
    page.keyboard.press("?")
    page.keyboard.press("Enter")
    expect(page.locator("#C1-0")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#C1 .trace")).to_be_visible()
    page.keyboard.press("d")
    expect(page.locator("#C2 details")).to_contain_text("Gamme cohérente")
    page.keyboard.press("1")
    expect(page.locator("#C2-erreur")).to_contain_text("donnez le motif")
    expect(page.locator("#C2-motif")).to_be_focused()
    page.keyboard.type("Revu ensemble.")
    page.keyboard.press("Enter")
    expect(page.locator("#C2 .trace")).to_be_visible()
    expect(page.locator("#note")).to_contain_text("12,0")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    expect(page.locator("#etat")).to_have_text("décidé")
    page.keyboard.press("s")
    expect(page.locator("h1")).to_contain_text("Dominique")
    grille = lu(camille).grille
    assert [(ligne.niveau_arrete, ligne.motif) for ligne in grille.lignes] == [(2, ""), (1, "Revu ensemble.")]
    assert str(grille.note_proposee) == "12.00"


@pytest.mark.ecritures
def test_un_conflit_se_dit_sans_quitter_la_page(
    monde: Monde, camille: Dossier, page: Page, connecter: Callable
) -> None:
    connecter(page, monde.a.membre)
    page.goto(camille.get_absolute_url())
    scene.arreter(camille, "C1", "2", "", monde.a.president)
    page.locator("#C1-motif").fill("Trop juste.")
    page.locator("#C1-1").click()
    expect(page.locator("#C1 .message-error")).to_contain_text("a arrêté le niveau 2 pour C1 à")
    expect(page.locator("#C1-motif")).to_have_value("Trop juste.")
    expect(page.locator("#C1-1")).to_be_checked()


@pytest.mark.parametrize("taille", ["ordinateur", "telephone"])
def test_aucune_faute_d_accessibilite_quand_un_dossier_est_fige(
    monde: Monde, camille: Dossier, request, connecter: Callable, capturer, taille: str
) -> None:
    onglet = request.getfixturevalue({"ordinateur": "page", "telephone": "telephone"}[taille])
    decider(monde, camille)
    figer(monde, camille)
    connecter(onglet, monde.a.president)
    for nom, url in {
        "origine": adresse("origine", camille.pk),
        "harmonisation": adresse("harmonisation", monde.a.etablissement.pk, monde.a.promotion.session),
        "avancement": adresse("cockpit", monde.a.etablissement.pk, monde.a.promotion.session),
        "fige": camille.get_absolute_url(),
    }.items():
        onglet.goto(url)
        accessible(onglet, nom)
        sans_debordement(onglet, nom)
        capturer(onglet, f"commission-{nom}-{taille}")
