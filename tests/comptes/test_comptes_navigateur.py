"""Le second facteur dans un vrai navigateur : application, clé d'accès ; sans faute d'axe ni de CSP."""

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests.comptes.authentificateurs import code_de
from tests.ecran import accessible, sans_debordement
from tests.factories import MOT_DE_PASSE
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)
SANS_CLE = "() => { navigator.credentials.get = () => Promise.reject(new Error('refus')); }"


@pytest.fixture(autouse=True)
def essais_oublies() -> None:
    cache.clear()


def entrer(page: Page, identifiant: str) -> None:
    page.goto("/connexion/")
    page.get_by_label("Nom d’utilisateur").fill(identifiant)
    page.get_by_label("Mot de passe").fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Se connecter").click()


def redire(page: Page) -> None:
    page.get_by_label("Mot de passe").fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Continuer").click()


def sans_faute(page: Page) -> None:
    accessible(page)
    sans_debordement(page)


@pytest.mark.parametrize("taille", ["page", "telephone"])
def test_une_application(monde: Monde, taille: str, request: pytest.FixtureRequest, capturer) -> None:
    page: Page = request.getfixturevalue(taille)
    entrer(page, "administrateur-a")
    page.goto("/mon-compte/second-facteur/")
    sans_faute(page)
    capturer(page, f"second-facteur-{taille}")
    page.get_by_role("link", name="Mettre une application en service").click()
    sans_faute(page)
    capturer(page, f"redire-{taille}")
    redire(page)
    sans_faute(page)
    capturer(page, f"application-{taille}")
    cle = page.locator(".cle-a-taper").inner_text()
    page.get_by_label("Code à six chiffres").fill(code_de(cle))
    page.get_by_role("button", name="Mettre en service").click()
    expect(page.get_by_text("L’application d’authentification est en service.")).to_be_visible()
    expect(page.locator(".codes-de-secours li")).to_have_count(10)
    sans_faute(page)
    capturer(page, f"codes-{taille}")
    page.goto("/mon-compte/sessions/")
    sans_faute(page)
    capturer(page, f"sessions-{taille}")
    page.context.clear_cookies()
    entrer(page, "administrateur-a")
    sans_faute(page)
    capturer(page, f"code-{taille}")
    page.get_by_label("Code").fill(code_de(cle, 1))
    page.get_by_role("button", name="Entrer").click()
    page.wait_for_url(re.compile(r":\d+/$"))


def test_une_cle_d_acces_ouvre_sans_mot_de_passe(monde: Monde, page: Page, capturer) -> None:
    appareil = page.context.new_cdp_session(page)
    appareil.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    appareil.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    entrer(page, "enseignant-a")
    page.goto("/mon-compte/second-facteur/")
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    redire(page)
    sans_faute(page)
    capturer(page, "cle-nouvelle")
    page.get_by_label("Sans mot de passe").check()
    page.get_by_role("button", name="Ajouter la clé").click()
    page.wait_for_url("**/codes/")
    page.goto("/mon-compte/second-facteur/")
    expect(page.get_by_text("Clé 1, ajoutée le")).to_be_visible()
    sans_faute(page)
    # Comme second facteur, après le mot de passe.
    page.context.clear_cookies()
    entrer(page, "enseignant-a")
    sans_faute(page)
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    page.wait_for_url(re.compile(r":\d+/$"))
    # Et à sa place.
    page.context.clear_cookies()
    page.goto("/connexion/?next=/classes/")
    page.get_by_role("button", name="Entrer avec une clé d’accès").click()
    page.wait_for_url("**/classes/")


def test_sans_cle_la_page_le_dit(monde: Monde, page: Page) -> None:
    page.context.new_cdp_session(page).send("WebAuthn.enable")
    page.goto("/connexion/")
    page.evaluate(SANS_CLE)
    page.get_by_role("button", name="Entrer avec une clé d’accès").click()
    expect(page.get_by_text("L’appareil n’a pas reconnu de clé")).to_be_visible()
    sans_faute(page)
