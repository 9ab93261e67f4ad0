"""L'échelle au clavier, les séquences au clavier et à la souris ; axe-core sur chaque page nouvelle."""

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from livret.models import Sequence
from livret.progression.attentes import attentes_de
from tests import factories
from tests.ecran import accessible
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)
JOUR = datetime.date.fromisoformat


def semaines(sequence: Sequence) -> tuple[datetime.date, datetime.date]:
    sequence.refresh_from_db()
    return sequence.debut, sequence.fin


def test_remplir_l_echelle_au_clavier(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    connecter(page, monde.a.enseignant)
    page.goto(reverse("livret:echelle", args=[monde.a.promotion.pk]))
    c1 = monde.referentiel.competences.get(code="C1").pk
    page.locator(f"[name=c{c1}-1]").focus()
    page.keyboard.type("012")
    expect(page.locator(f"[name=c{c1}-4]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("3")
    expect(page.get_by_text("4 cases à enregistrer.")).to_be_visible()
    expect(page.locator("td.case .niveau")).to_have_count(4)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Version 1 enregistrée")).to_be_visible()
    lues = attentes_de([monde.a.promotion])[monde.a.promotion.pk].competences
    assert lues == {"C1": {1: 0, 2: 1, 3: 2}, "C2": {4: 3}}
    accessible(page)
    capturer(page, "echelle")


def test_deplacer_et_etirer_au_clavier(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    sequence = factories.sequence(
        monde.a.classe,
        monde.a.enseignant,
        debut="2025-11-03",
        semaines=3,
        evaluees=["C1.1"],
        intitule="Vérin",
    )
    factories.pfmp_prevue(monde.a.promotion)
    factories.sans_cours(monde.a.etablissement)
    connecter(page, monde.a.enseignant)
    page.goto(reverse("livret:progression", args=[monde.a.promotion.pk]))
    barre = page.locator(".barre-sequence")
    barre.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(barre).to_have_attribute("data-vue", "3")
    expect(barre).to_be_focused()
    expect(page.locator("#etat-progression")).to_have_text(
        "« Vérin », du 17 novembre 2025 au 14 décembre 2025, 4 semaines : enregistré."
    )
    assert semaines(sequence) == (JOUR("2025-11-17"), JOUR("2025-12-14"))
    accessible(page)
    capturer(page, "progression")


def test_un_deplacement_refuse_est_dit_et_le_calendrier_reste_juste(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    sequence = factories.sequence(monde.a.classe, monde.a.enseignant, debut="2025-09-01", semaines=1)
    connecter(page, monde.a.enseignant)
    page.goto(reverse("livret:progression", args=[monde.a.promotion.pk]))
    barre = page.locator(".barre-sequence")
    Sequence.objects.filter(pk=sequence.pk).update(pose=1, fin=JOUR("2025-09-14"))
    barre.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#etat-progression.refus")).to_contain_text("a été changée entre-temps")
    expect(barre).to_have_attribute("data-fin", "2025-09-14")
    barre.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(barre).to_have_attribute("data-fin", "2025-09-07")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#etat-progression.refus")).to_contain_text("hors des trois années")
    assert semaines(sequence) == (JOUR("2025-09-01"), JOUR("2025-09-07"))


def test_glisser_et_etirer_a_la_souris(monde: Monde, page: Page, connecter: Callable) -> None:
    sequence = factories.sequence(monde.a.classe, monde.a.enseignant, debut="2025-11-03", semaines=3)
    connecter(page, monde.a.enseignant)
    page.goto(reverse("livret:progression", args=[monde.a.promotion.pk]))
    barre = page.locator(".barre-sequence")

    def glisser(depuis: float, semaines: int) -> None:
        cadre = barre.bounding_box()
        largeur = page.locator("[data-lundi='2025-11-03']").bounding_box()["width"]
        x, y = cadre["x"] + depuis * cadre["width"], cadre["y"] + cadre["height"] / 2
        page.mouse.move(x - 3, y)
        page.mouse.down()
        page.mouse.move(x - 3 + semaines * largeur, y, steps=4)
        page.mouse.up()

    glisser(0.5, 2)
    expect(barre).to_have_attribute("data-vue", "1")
    glisser(1, -1)
    expect(barre).to_have_attribute("data-vue", "2")
    assert semaines(sequence) == (JOUR("2025-11-17"), JOUR("2025-11-30"))
    assert page.url.endswith("/progression/")
    barre.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(sequence.intitule)
