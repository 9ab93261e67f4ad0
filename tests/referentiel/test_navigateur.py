"""Les pages du référentiel dans Chromium : sans faute d'accessibilité ni débordement, du dépôt à l'import."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.ecran import accessible, sans_debordement
from trpm.permissions import Role

DEMO = Path(__file__).with_name("demo.json")


def verifier(page, capturer, nom):
    capturer(page, f"referentiel-{nom}")
    accessible(page)
    sans_debordement(page)


@pytest.mark.parametrize("taille", ["page", "telephone"])
def test_consulter(taille, request, connecter, transactional_db):
    trpm = factories.trpm()
    page = request.getfixturevalue(taille)
    connecter(page, factories.utilisateur(Role.ENSEIGNANT, etablissement=factories.etablissement()))
    page.goto("/referentiels/")
    page.get_by_role("link", name="RMO").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("TRPM RMO")
    for vue, nom in (("matrice", "Activités"), ("poids", "Poids"), ("identite", "Identité et sources")):
        page.get_by_role("link", name=nom, exact=True).click()
        page.wait_for_url(f"**/referentiels/{trpm.pk}/RMO/{vue}/")
        sans_debordement(page)


@pytest.mark.parametrize("taille", ["page", "telephone"])
def test_importer(taille, request, capturer, connecter, transactional_db, tmp_path):
    page = request.getfixturevalue(taille)
    connecter(page, factories.utilisateur(Role.ADMINISTRATEUR, etablissement=factories.etablissement()))
    mauvais = tmp_path / "mauvais.json"
    mauvais.write_text(DEMO.read_text().replace('"valeur": 5', '"valeur": 1'), encoding="utf-8")
    page.goto("/referentiels/importer/")
    verifier(page, capturer, f"importer-{taille}")
    page.get_by_label("Fichier du référentiel").set_input_files(mauvais)
    page.get_by_role("button", name="Voir ce que ce fichier change").click()
    expect(page.get_by_role("alert")).to_contain_text("mauvais.json contient 1 faute.")
    verifier(page, capturer, f"fautes-{taille}")
    page.get_by_label("Fichier du référentiel").set_input_files(DEMO)
    page.get_by_role("button", name="Voir ce que ce fichier change").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("DEMO 1 nouveau référentiel"))
    verifier(page, capturer, f"apercu-{taille}")
    page.get_by_role("button", name="Appliquer ces changements").click()
    expect(page.locator("#messages")).to_contain_text("Le référentiel DEMO 1 est importé.")
