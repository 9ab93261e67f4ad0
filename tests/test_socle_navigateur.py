"""La connexion et les tables dans un vrai navigateur : sans faute de CSP, et sans défiler de côté."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from tests.ecran import sans_debordement
from tests.litanie import adresse
from tests.monde import Monde


@pytest.mark.parametrize("taille", ["page", "telephone"])
def test_connexion(taille, request, capturer, transactional_db):
    get_user_model().objects.create_user("prof", password="tournage-fraisage-2026")
    page = request.getfixturevalue(taille)

    page.goto("/connexion/")
    capturer(page, f"connexion-{taille}")
    sans_debordement(page)

    page.get_by_label("Nom d’utilisateur").fill("prof")
    page.get_by_label("Mot de passe").fill("tournage-fraisage-2026")
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/")
    assert page.locator("summary").inner_text() == "prof"


@pytest.mark.django_db(transaction=True)
def test_au_telephone_une_fiche_par_ligne(monde: Monde, telephone: Page, connecter: Callable) -> None:
    """Rien ne dépasse du cadre, et chaque valeur dit le titre de sa colonne, qui n'est plus à l'écran."""
    lieu = monde.a.etablissement.pk
    tour = (
        (monde.a.president, monde.a.commission.get_absolute_url(), "Calculée"),
        (monde.a.administrateur, adresse("etablissement", lieu), "Promotion"),
        (monde.a.administrateur, f"/administration/{lieu}/donnees/", "Ensuite"),
    )
    for qui, page, titre in tour:
        connecter(telephone, qui)
        telephone.goto(page)
        table = telephone.locator("table.fiches").first
        if telephone.locator("details.pli").count():
            telephone.locator("details.pli > summary").first.click()
        expect(table.locator("tbody th").first).to_be_visible()
        expect(table.locator("thead")).to_be_hidden()
        assert table.evaluate("une => une.parentElement.scrollWidth <= une.parentElement.clientWidth"), page
        dite = table.locator(f"td[data-titre='{titre}']").first
        assert dite.evaluate("un => getComputedStyle(un, '::before').content").startswith(f'"{titre}')
