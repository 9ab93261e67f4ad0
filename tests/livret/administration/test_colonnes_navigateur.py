"""Désigner les colonnes d’un fichier que l’on ne sait pas lire, dans un vrai navigateur."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from livret.models import ColonnesRetenues
from tests.litanie import adresse
from tests.livret.administration.fichiers import csv
from tests.livret.ouverture.test_ouverture_navigateur import regarder
from tests.monde import Monde


@pytest.mark.django_db(transaction=True)
def test_designer_puis_changer_puis_retenir(
    page: Page, connecter: Callable, capturer: Callable, monde: Monde, tmp_path: Path
) -> None:
    fichier = tmp_path / "export.csv"
    fichier.write_bytes(csv(["Untel", "Comment", "Quand", "Code"], ["Morel", "Lina", "01/07/2008", ""]))
    connecter(page, monde.a.administrateur)
    page.goto(adresse("eleves-import", monde.a.classe.pk))
    page.get_by_label("Fichier des élèves").set_input_files(fichier)
    page.get_by_role("button", name="Voir l’aperçu").click()
    regarder(page, capturer, "colonnes-1-inconnues")
    page.get_by_label("Nom", exact=True).select_option(label="1. Untel")
    page.get_by_label("Prénom", exact=True).select_option(label="2. Comment")
    page.get_by_label("Fichier des élèves").set_input_files(fichier)
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_text("Changer les colonnes").click()
    regarder(page, capturer, "colonnes-2-apercu")
    expect(page.get_by_label("Prénom", exact=True)).to_have_value("1")
    page.get_by_label("Naissance", exact=True).select_option(label="3. Quand")
    page.get_by_label("Le même fichier").set_input_files(fichier)
    page.get_by_role("button", name="Relire avec ces colonnes").click()
    expect(page.get_by_role("main")).to_contain_text("naissance dans « Quand »")
    page.get_by_role("button", name="Confirmer l’import").click()
    expect(page.get_by_role("main")).to_contain_text("1 créé")
    assert ColonnesRetenues.objects.get().colonnes == {"nom": 0, "prenom": 1, "naissance": 2}
