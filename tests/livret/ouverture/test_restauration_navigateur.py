"""Rétablir une sauvegarde dans un vrai navigateur, sur une machine neuve."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Page, expect

from tests.ecran import accessible
from tests.livret.ouverture.test_ouverture import codes_dits, servi
from tests.livret.ouverture.test_ouverture_navigateur import MOT_DE_PASSE, regarder
from tests.monde import Monde
from tests.test_sauvegarde import PHRASE, lieux
from trpm.sauvegarde.prendre import sauvegarder

__all__ = ["lieux", "servi"]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.ecritures
def test_du_code_a_la_page_de_connexion(
    page: Page, capturer: Callable, monde: Monde, servi: Callable, tmp_path: Path
) -> None:
    administrateur = monde.a.administrateur
    # Le serveur est un vrai : il ne connaît pas le condensé rapide des tests.
    administrateur.password = PBKDF2PasswordHasher().encode(MOT_DE_PASSE, "s" * 22)
    administrateur.save()
    prise = sauvegarder(tmp_path / "emportee.sauvegarde", PHRASE)
    ecrit, port = servi(["manage.py", "servir", "--", "--bind=127.0.0.1:PORT", "--threads=4"])
    page.set_default_timeout(120_000)
    page.goto(f"http://127.0.0.1:{port}/")
    page.locator("#restaurer_code").fill(codes_dits(ecrit)[0].upper())
    page.get_by_role("button", name="Restaurer une sauvegarde").click()
    page.get_by_role("heading", name="Restaurer une sauvegarde").wait_for()
    regarder(page, capturer, "8-restaurer")
    page.get_by_label("Un fichier de cet appareil").set_input_files(prise)
    page.get_by_label("Phrase de passe").fill("ce n’est pas elle")
    page.get_by_role("button", name="Restaurer", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Cette phrase de passe n’ouvre pas cette sauvegarde")
    regarder(page, capturer, "9-refus")
    page.get_by_label("Un fichier de cet appareil").set_input_files(prise)
    page.get_by_label("Phrase de passe").fill(PHRASE)
    page.get_by_role("button", name="Restaurer", exact=True).click()
    expect(page.locator("body")).to_contain_text("entrez avec votre compte d’alors")
    accessible(page)
    page.locator("[name=login], [name=username]").first.fill(administrateur.username)
    page.locator("[type=password]").fill(MOT_DE_PASSE)
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("navigation").first).to_be_visible()
    expect(page.locator("body")).to_contain_text(administrateur.nom_complet)
