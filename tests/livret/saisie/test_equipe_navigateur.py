"""Un binôme ou une équipe notés ensemble, au clavier et au doigt."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.ecran import accessible
from tests.livret.saisie.test_grille_navigateur import (
    TABLETTE,
    adresse,
    case,
    nouvelle,
    tout_est_enregistre,
    valeurs,
)
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)


def test_un_niveau_va_a_toute_l_equipe_sauf_ou_autre_chose_est_porte(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 4)
    factories.observation(scene, eleves[2], "C1.1", 0)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    for rang in (0, 2, 3):
        page.locator(f"#{case('C1.1', eleves[rang])}").focus()
        page.keyboard.press("b")
    page.locator(f"#{case('C1.1', eleves[0])}").focus()
    page.keyboard.type("2")
    # L'équipe notée, on passe à la compétence suivante du même élève.
    expect(page.locator(f"#{case('C1.2', eleves[0])}")).to_be_focused()
    page.keyboard.type("3")
    tout_est_enregistre(page)
    bandeau = page.locator(".equipe")
    expect(bandeau).to_contain_text("Notés ensemble : ELEVE0 Alix, ELEVE2 Alix, ELEVE3 Alix.")
    assert valeurs(page, eleves) == [["2", "3", ""], ["", "", ""], ["0", "3", ""], ["2", "3", ""]]
    # Corrigée chez l'un, la valeur commune l'est chez tous ; celle qui diffère est nommée et reste.
    page.locator(f"#{case('C1.1', eleves[3])}").focus()
    page.keyboard.type("1")
    expect(bandeau).to_contain_text("Déjà portée, laissée : ELEVE2 Alix (« 0 »).")
    tout_est_enregistre(page)
    assert [ligne[0] for ligne in valeurs(page, eleves)] == ["1", "", "0", "1"]
    accessible(page)
    capturer(page, "grille-equipe")
    page.keyboard.press("Control+z")
    tout_est_enregistre(page)
    assert [ligne[0] for ligne in valeurs(page, eleves)] == ["2", "", "0", "2"]
    page.get_by_role("button", name="Ne plus noter ensemble").click()
    expect(bandeau).to_be_hidden()
    page.locator(f"#{case('C1.2', eleves[3])}").focus()
    page.keyboard.type("0")
    tout_est_enregistre(page)
    assert [ligne[1] for ligne in valeurs(page, eleves)] == ["3", "", "3", "0"]


def test_une_equipe_au_doigt(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 3)
    tablette = ouvrir_page(TABLETTE, has_touch=True, is_mobile=True)
    connecter(tablette, monde.a.enseignant)
    tablette.goto(adresse(scene))
    for rang in (0, 1):
        coche = tablette.get_by_label(f"Noter ensemble : ELEVE{rang} Alix")
        cadre = coche.locator("xpath=..").bounding_box()
        assert cadre
        assert (cadre["width"] >= 44, cadre["height"] >= 44) == (True, True)
        coche.check()
    tablette.locator(f"#{case('C1.1', eleves[1])}").tap()
    tablette.get_by_role("toolbar", name="Niveaux").locator("button[data-texte='3']").tap()
    tout_est_enregistre(tablette)
    capturer(tablette, "grille-equipe-tablette")
    assert valeurs(tablette, eleves) == [["3", "", ""], ["3", "", ""], ["", "", ""]]
    assert scene.observations.count() == 2
