"""Deux membres, deux écrans : ce que l'un décide paraît chez l'autre, sans toucher à ce qu'il tape."""

import pytest
from playwright.sync_api import expect

from certification.models import Decision
from tests.certification.scene import adresse, lu
from tests.litanie import connecte

pytestmark = pytest.mark.django_db(transaction=True)


def test_la_decision_d_un_autre_parait_et_ce_qui_se_tape_reste(monde, camille, page, connecter):
    connecter(page, monde.a.president)
    page.clock.install()
    page.goto(camille.get_absolute_url())
    page.locator("#C2-motif").fill("Vu en atelier")
    membre = connecte(monde.a.membre)
    for code, niveau in (("C1", "2"), ("C2", "3")):
        jeton = lu(camille).grille.ligne(code).jeton
        assert (
            membre.post(adresse("decision", camille.pk, code), {"niveau": niveau, "lu": jeton}).status_code
            == 302
        )
    page.clock.run_for(9_000)
    expect(page.locator("#C1-2")).to_be_checked()
    expect(page.locator("#C2-motif")).to_have_value("Vu en atelier")
    expect(page.locator("#C2-3")).not_to_be_checked()
    page.locator("#C2-motif").fill("")
    page.locator("#C2-motif").blur()
    page.clock.run_for(9_000)
    expect(page.locator("#C2-3")).to_be_checked()
    expect(page.locator("#note form")).to_be_visible()


def test_les_touches_du_haut_d_un_clavier_azerty_arretent_un_niveau(monde, camille, page, connecter):
    connecter(page, monde.a.president)
    page.goto(camille.get_absolute_url())
    page.keyboard.press("Enter")
    page.evaluate(
        "document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'é', code: 'Digit2', bubbles: true, cancelable: true}))"
    )
    expect(page.locator("#C1 .trace")).to_be_visible()
    assert Decision.objects.get(dossier=camille).niveau.code == "2"
