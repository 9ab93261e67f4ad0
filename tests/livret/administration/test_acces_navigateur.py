"""La feuille des accès à remettre, au téléphone et sur le papier."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.litanie import adresse
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)
A4 = {"width": 703, "height": 1000}
"""La largeur d'une feuille A4 entre des marges de 12 millimètres."""


def test_rien_n_est_coupe_au_telephone_ni_sur_le_papier(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    connecter(page, monde.a.administrateur)
    page.goto(adresse("classe-comptes", monde.a.classe.pk))
    page.get_by_role("button", name="Ouvrir les comptes et les afficher").click()
    rangee = page.get_by_role("row").filter(has_text="Dominique")
    for taille, media in (({"width": 390, "height": 844}, "screen"), (A4, "print")):
        page.set_viewport_size(taille)
        page.emulate_media(media=media)
        capturer(page, f"acces-{media}")
        cadre = page.locator("table.acces").locator("..")
        assert cadre.evaluate("un => un.scrollWidth <= un.clientWidth"), media
        expect(rangee.locator(".qr")).to_be_visible()
        assert rangee.locator(".au-papier").is_visible() == (media == "print")
