"""La page de connexion dans un vrai navigateur : sans faute de CSP."""

import pytest
from django.contrib.auth import get_user_model


@pytest.mark.parametrize("taille", ["page", "telephone"])
def test_connexion(taille, request, capturer, transactional_db):
    get_user_model().objects.create_user("prof", password="tournage-fraisage-2026")
    page = request.getfixturevalue(taille)

    page.goto("/connexion/")
    capturer(page, f"connexion-{taille}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.get_by_label("Nom d’utilisateur").fill("prof")
    page.get_by_label("Mot de passe").fill("tournage-fraisage-2026")
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/")
    assert page.locator("summary").inner_text() == "prof"
