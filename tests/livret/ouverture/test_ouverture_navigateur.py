"""D’une base vide à un enseignant qui note, dans un vrai navigateur, écran par écran."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from livret.models import (
    Classe,
    CodeOuverture,
    Eleve,
    Evaluation,
    Observation,
    Pfmp,
    Promotion,
    Utilisateur,
)
from referentiel.models import ImportReferentiel
from tests.ecran import accessible, sans_debordement

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ecritures]
LARGEURS = (390, 820, 1440) if os.environ.get("CAPTURES") else (390, 1440)
MOT_DE_PASSE = "atelier-copeaux-12"
LISTE = "Nom;Prénom;Option\nALBERT;Zoé;RSP\nBRUN;Malo;RMO\nCARON;Ines;RSP\n"


class Ecrans:
    """Compte les pages que la personne voit : une redirection n’en est pas une."""

    def __init__(self, page: Page) -> None:
        self.vus: list[str] = []
        page.on("requestfinished", self.noter)

    def noter(self, requete: Request) -> None:
        reponse = requete.response()
        if requete.is_navigation_request() and reponse and reponse.status == 200:
            self.vus.append(requete.url)


def regarder(page: Page, capturer: Callable, nom: str) -> None:
    for largeur in LARGEURS:
        page.set_viewport_size({"width": largeur, "height": 900})
        sans_debordement(page, nom)
        capturer(page, f"ouverture-{nom}-{largeur}")
    accessible(page, nom)


@pytest.mark.long
def test_de_rien_a_un_enseignant_qui_note(page: Page, capturer: Callable, tmp_path: Path) -> None:
    ecrans = Ecrans(page)
    code = CodeOuverture.tirer(timezone.now())
    premier_compte(page, capturer, code)
    etablissement_et_classe(page, capturer)
    eleves_pfmp_equipes(page, capturer, tmp_path)
    invitation = page.locator("table.acces .invitation a").get_attribute("href")
    page.context.clear_cookies()
    noter(page, invitation)
    assert len(ecrans.vus) <= 12, ecrans.vus

    classe = Classe.objects.get()
    assert {eleve.nom: eleve.option.code for eleve in Eleve.objects.all()} == {
        "ALBERT": "RSP", "BRUN": "RMO", "CARON": "RSP"
    }  # fmt: skip
    assert (classe.niveau, classe.promotion.session) == ("2de", classe.annee.debut + 3)
    assert Promotion.objects.count() == 1
    assert ImportReferentiel.objects.get().origine == "catalogue"
    assert Pfmp.objects.filter(periode__classe=classe).count() == 3
    assert Evaluation.objects.exists() or Observation.objects.exists()
    assert CodeOuverture.objects.count() == 0


def premier_compte(page: Page, capturer: Callable, code: str) -> None:
    page.goto("/")
    page.get_by_role("heading", name="Ouvrir cette installation").wait_for()
    regarder(page, capturer, "1-compte")
    page.get_by_label("Code d’ouverture").fill(code.upper())
    page.locator("[name=last_name]").fill("LEROY")
    page.locator("[name=first_name]").fill("Dominique")
    page.locator("[name=username]").fill("dominique.leroy")
    page.locator("[name=password1]").fill(MOT_DE_PASSE)
    page.locator("[name=password2]").fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Créer mon compte").click()


def etablissement_et_classe(page: Page, capturer: Callable) -> None:
    page.get_by_role("heading", name="Établissement et diplômes").wait_for()
    regarder(page, capturer, "2-etablissement")
    page.locator("[name=uai]").fill("0400740M")
    page.locator("[name=nom]").fill("Lycée des Copeaux")
    page.get_by_label("Technicien en réalisation").check()
    page.get_by_role("button", name="Ouvrir l’établissement").click()
    page.get_by_role("heading", name="Année et classes").wait_for()
    regarder(page, capturer, "3-classes")
    page.locator("[name=form-0-nom]").fill("2 TRPM")
    page.locator("[name=form-0-parcours]").select_option(label="TRPM 2020 : RSP et RMO mêlées")
    page.locator("[name=form-0-niveau]").select_option("2de")
    page.get_by_role("button", name="Ouvrir ces classes").click()


def eleves_pfmp_equipes(page: Page, capturer: Callable, tmp_path: Path) -> None:
    page.get_by_role("heading", name="Élèves", exact=True).wait_for()
    regarder(page, capturer, "4-eleves")
    fichier = tmp_path / "eleves.csv"
    fichier.write_text(LISTE, encoding="utf-8")
    page.get_by_label("Fichier des élèves").set_input_files(fichier)
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_role("heading", name="Première période de PFMP").wait_for()
    regarder(page, capturer, "5-pfmp")
    classe = Classe.objects.get()
    page.locator(f"[name='{classe.pk}-debut']").fill(f"{classe.annee.debut + 1}-05-11")
    page.locator(f"[name='{classe.pk}-fin']").fill(f"{classe.annee.debut + 1}-06-05")
    page.get_by_role("button", name="Prévoir ces périodes").click()
    page.get_by_role("heading", name="Enseignants et droits").wait_for()
    regarder(page, capturer, "6-equipes")
    page.locator("[name=form-0-last_name]").fill("MARTIN")
    page.locator("[name=form-0-first_name]").fill("Camille")
    page.get_by_role("button", name="Ouvrir ces comptes").click()
    page.get_by_role("heading", name="Remettre les accès").wait_for()
    regarder(page, capturer, "7-acces")


def noter(page: Page, invitation: str) -> None:
    page.goto(invitation)
    page.locator("[name=new_password1]").fill(MOT_DE_PASSE)
    page.locator("[name=new_password2]").fill(MOT_DE_PASSE)
    page.get_by_role("main").get_by_role("button").click()
    page.get_by_role("link", name="À la volée").click()
    page.get_by_label("Qui évaluez-vous\xa0?").select_option(label="Toute la classe")
    page.locator("input[name=detaillees], input[name=competences]").first.check(force=True)
    with page.expect_navigation():  # jusqu’au chargement : avant, le clavier n’est pas encore écouté
        page.get_by_role("button", name="Ouvrir la grille").click()
    case = page.locator("td.case input:not([type=hidden])").first
    case.fill("2")
    case.press("Enter")
    expect(page.locator("#etat-de-saisie")).to_contain_text("enregistré")


def test_l_administrateur_ne_trouve_aucune_impasse(page: Page, connecter: Callable) -> None:
    """Un compte créé par une commande, sans établissement : l’accueil l’envoie à l’ouverture."""
    connecter(page, Utilisateur.objects.create_superuser("racine", "", MOT_DE_PASSE))
    page.goto("/")
    expect(page.get_by_role("main")).not_to_contain_text("peut vous en donner un")
    page.get_by_role("link", name="Ouvrir un établissement").click()
    etablissement_et_classe_sans_images(page)
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text("Aucune classe n’existe encore")
    page.get_by_role("link", name="Poursuivre l’ouverture").click()
    page.get_by_role("link", name="Année et classes").last.click()
    expect(page.get_by_role("heading", name="Année et classes")).to_be_visible()


def etablissement_et_classe_sans_images(page: Page) -> None:
    page.locator("[name=uai]").fill("0400740M")
    page.locator("[name=nom]").fill("Lycée des Copeaux")
    page.get_by_label("Technicien en réalisation").check()
    page.get_by_role("button", name="Ouvrir l’établissement").click()
    page.get_by_role("heading", name="Année et classes").wait_for()
