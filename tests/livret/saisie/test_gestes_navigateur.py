"""Annuler, remplir, reprendre, sélectionner dans la grille ; un élève à la fois sur un téléphone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from livret.models import Etablissement, Observation, PhotoEleve
from tests import factories
from tests.ecran import accessible, sans_debordement
from tests.livret.photo import jpeg
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


def test_annuler_rend_ce_que_portaient_les_cases(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 3)
    factories.observation(scene, eleves[0], "C1.1", 1)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    annuler = page.get_by_role("button", name="Annuler")
    expect(annuler).to_be_disabled()
    page.locator(f"#{case('C1.1', eleves[0])}").focus()
    page.keyboard.type("32")
    tout_est_enregistre(page)
    page.keyboard.press("Control+z")
    annuler.click()
    expect(annuler).to_be_disabled()
    tout_est_enregistre(page)
    page.reload()
    assert [ligne[0] for ligne in valeurs(page, eleves)] == ["1", "", ""]
    assert Observation.history.filter(situation=scene, eleve=eleves[0]).count() == 3


def test_remplir_ne_touche_que_les_cases_vides(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 3)
    factories.observation(scene, eleves[1], "C1.1", 0)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    premiere = page.locator(f"#{case('C1.1', eleves[0])}")
    premiere.focus()
    page.keyboard.type("3")
    premiere.focus()
    page.get_by_role("button", name="Remplir la colonne").click()
    premiere.focus()
    page.keyboard.press("l")
    tout_est_enregistre(page)
    assert valeurs(page, eleves) == [["3", "3", ""], ["0", "", ""], ["3", "", ""]]
    page.locator(f"#{case('C1.1', eleves[1])}").focus()
    page.keyboard.press("p")
    tout_est_enregistre(page)
    assert valeurs(page, eleves)[1] == ["0", "3", ""]


def test_un_niveau_sur_une_selection(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 3)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    page.locator(f"#{case('C1.1', eleves[0])}").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("td.choisie")).to_have_count(4)
    page.keyboard.type("2")
    tout_est_enregistre(page)
    assert valeurs(page, eleves) == [["2", "2", ""], ["2", "2", ""], ["", "", ""]]
    page.keyboard.press("Control+z")
    tout_est_enregistre(page)
    assert scene.observations.count() == 0


def test_point_d_interrogation_ouvre_la_liste_des_touches(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 3)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    page.locator(f"#{case('C1.1', eleves[0])}").focus()
    page.keyboard.press("?")
    expect(page.get_by_text("comme l’élève précédent", exact=True)).to_be_visible()
    accessible(page)
    capturer(page, "grille-touches")
    page.keyboard.press("?")
    expect(page.get_by_text("comme l’élève précédent", exact=True)).to_be_hidden()


def test_un_eleve_a_la_fois_au_doigt(
    monde: Monde, telephone: Page, connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 3)
    connecter(telephone, monde.a.enseignant)
    telephone.goto(adresse(scene))
    expect(telephone.locator("tbody tr:visible")).to_have_count(1)
    telephone.locator(f"#{case('C1.1', eleves[0])}").tap()
    clavier = telephone.get_by_role("toolbar", name="Niveaux")
    for texte in ("3", "1"):
        clavier.locator(f"button[data-texte='{texte}']").tap()
    telephone.get_by_role("button", name="Élève suivant").tap()
    expect(telephone.get_by_text("(2 sur 3)")).to_be_visible()
    expect(telephone.locator(f"#{case('C1.1', eleves[0])}")).to_be_hidden()
    telephone.locator(f"#{case('C1.1', eleves[1])}").tap()
    clavier.locator("button[data-texte='2']").tap()
    tout_est_enregistre(telephone)
    accessible(telephone)
    sans_debordement(telephone)
    capturer(telephone, "grille-un-eleve")
    assert valeurs(telephone, eleves) == [["3", "1", ""], ["2", "", ""], ["", "", ""]]


def test_la_photo_suit_le_nom_au_telephone(monde: Monde, telephone: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 3)
    Etablissement.objects.update(photos_d_eleves=True)
    for eleve in eleves[:2]:
        PhotoEleve.objects.create(eleve=eleve, image=jpeg((40, 40)))
    connecter(telephone, monde.a.enseignant)
    telephone.goto(adresse(scene))
    bandeau = telephone.locator(".eleve-seul p")
    for eleve in eleves[:2]:
        expect(bandeau).to_contain_text(str(eleve))
        expect(bandeau.locator("img")).to_have_attribute("src", re.compile(f"/eleves/{eleve.pk}/photo/"))
        expect(bandeau.locator("img")).to_have_js_property("naturalWidth", 40)
        telephone.get_by_role("button", name="Élève suivant").tap()
    expect(bandeau).to_contain_text(str(eleves[2]))
    expect(bandeau.locator("img")).to_have_count(0)


def test_selectionner_au_doigt_puis_un_niveau(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 3)
    tablette = ouvrir_page(TABLETTE, has_touch=True, is_mobile=True)
    connecter(tablette, monde.a.enseignant)
    tablette.goto(adresse(scene))
    tablette.get_by_role("button", name="Sélectionner").tap()
    for eleve in (eleves[0], eleves[2]):
        tablette.locator(f"#{case('C1.2', eleve)}").tap()
    expect(tablette.locator("td.choisie")).to_have_count(2)
    tablette.get_by_role("toolbar", name="Niveaux").locator("button[data-texte='3']").tap()
    tout_est_enregistre(tablette)
    assert valeurs(tablette, eleves) == [["", "3", ""], ["", "", ""], ["", "3", ""]]
    expect(tablette.locator("td.choisie")).to_have_count(0)
