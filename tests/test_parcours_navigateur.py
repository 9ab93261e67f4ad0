"""Le même parcours dans Chromium, sur le lycée de démonstration, avec une photo de chaque page.

Les photos vont dans `captures/`, que git ignore ; `docs/apercu.png` est l’une d’elles.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect

from certification.models import Commission, Dossier
from livret.models import (
    Classe,
    Eleve,
    Situation,
    Utilisateur,
)
from tests import factories
from tests.ecran import sans_debordement

TAILLES = {
    "telephone": {"width": 390, "height": 844},
    "tablette": {"width": 820, "height": 1180},
    "ordinateur": {"width": 1440, "height": 900},
}
APERCU = {"width": 1100, "height": 680}

Photographe = Callable[[Page, str], Path]


@pytest.fixture
def lycee(transactional_db: None, settings: object) -> None:
    settings.DEMO_PASSWORD = factories.MOT_DE_PASSE  # type: ignore[attr-defined]
    factories.trpm()
    call_command("charger_demo", verbosity=0)


@pytest.fixture
def visiter(page: Page, capturer: Photographe) -> Callable[..., Page]:
    """Ouvre une adresse, la photographie aux trois tailles et vérifie qu’elle ne déborde pas."""

    def ouvrir(nom: str, *arguments: object, photo: str) -> Page:
        for taille, dimensions in TAILLES.items():
            page.set_viewport_size(dimensions)  # type: ignore[arg-type]
            reponse = page.goto(reverse(nom, args=arguments))
            assert reponse is not None
            assert reponse.status == 200
            capturer(page, f"{photo}-{taille}")
            sans_debordement(page)
        page.reload()  # photographier laisse des attributs « style » que htmx recopierait
        return page

    return ouvrir


def se_connecter(page: Page, identifiant: str) -> None:
    page.context.clear_cookies()
    page.goto(reverse("connexion"))
    page.locator("[name=username]").fill(identifiant)
    page.locator("[name=password]").fill(factories.MOT_DE_PASSE)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.locator("nav.rubriques")).to_be_visible()


@pytest.mark.long
def test_le_parcours_en_images(
    lycee: None, page: Page, visiter: Callable[..., Page], capturer: Photographe
) -> None:
    classe = Classe.objects.get(nom="Tle TRPM RSP")
    page.goto(reverse("connexion"))
    capturer(page, "00-connexion")

    administrer(page, visiter, classe)
    evaluer(page, visiter, classe)
    lire_son_livret(page, visiter)
    certifier(page, visiter, capturer)


def administrer(page: Page, visiter: Callable[..., Page], classe: Classe) -> None:
    se_connecter(page, "admin")
    referentiel = classe.promotion.referentiel_id
    visiter("referentiel:liste", photo="10-referentiels")
    visiter("referentiel:detail", referentiel, "RSP", photo="11-referentiel")
    visiter("referentiel:matrice", referentiel, "RMO", photo="12-matrice")
    visiter("referentiel:poids", referentiel, "RMO", photo="13-poids")
    visiter("referentiel:importer", photo="14-importer")
    page.get_by_label("Fichier").set_input_files(factories.FICHIER_TRPM)
    page.get_by_role("button", name="Voir ce que ce fichier change").click()
    expect(page.get_by_role("main")).to_contain_text("Aucun changement")
    lieu = classe.etablissement_id
    visiter("livret:etablissement", lieu, photo="20-classes")
    visiter("livret:classe-effectif", classe.pk, photo="21-effectif")
    visiter("livret:eleves-import", classe.pk, photo="22-import")
    visiter("livret:comptes", lieu, photo="23-comptes")
    visiter("livret:promotions", lieu, photo="24-promotions")


def evaluer(page: Page, visiter: Callable[..., Page], classe: Classe) -> None:
    """Une note tapée au clavier dans la grille ouverte, puis la situation publiée."""
    se_connecter(page, "prof")
    visiter("accueil", photo="30-accueil")
    visiter("livret:classe", classe.pk, photo="31-classe")
    visiter("livret:situation-create", classe.pk, photo="32-nouvelle-situation")
    situation = Situation.objects.get(classe=classe, etat=Situation.Etat.OUVERTE)
    visiter("livret:situation", situation.pk, photo="33-situation")
    visiter("livret:grille", situation.pk, photo="34-grille")
    cle = page.locator("td.case input:not([type=hidden], [value])").first.get_attribute("id")
    vide = page.locator(f"#{cle}")
    vide.fill("2")
    vide.press("Enter")
    expect(page.locator("#etat-de-saisie")).to_contain_text("enregistré")
    page.reload()
    expect(page.locator(f"#{cle}")).to_have_value("2")
    page.goto(reverse("livret:situation", args=[situation.pk]))
    page.get_by_role("button", name="Publier").click()
    situation.refresh_from_db()
    assert situation.etat == Situation.Etat.PUBLIEE


def lire_son_livret(page: Page, visiter: Callable[..., Page]) -> None:
    se_connecter(page, "eleve")
    visiter("livret:mon-livret", photo="40-mon-livret")
    expect(page.get_by_role("main")).not_to_contain_text("/ 20")
    autre = Eleve.objects.exclude(utilisateur__username="eleve").first()
    assert autre is not None
    reponse = page.request.get(reverse("livret:eleve", args=[autre.pk]))
    assert reponse.status == 404


def certifier(page: Page, visiter: Callable[..., Page], capturer: Photographe) -> None:
    """Accepter les niveaux proposés, proposer la note, figer, imprimer."""
    se_connecter(page, "president")
    visiter("certification:commissions", photo="50-commissions")
    commission = Commission.objects.filter(epreuve__code="E31", dossiers__eleve__option__code="RSP").first()
    assert commission is not None
    visiter("certification:commission", commission.pk, photo="51-commission")
    visiter("certification:commission-update", commission.pk, photo="52-commission-modifier")
    dossier = Dossier.objects.get(commission=commission, eleve__nom="AUBRY")
    visiter("certification:dossier", dossier.pk, photo="53-dossier")
    page.get_by_role("button", name="Accepter les niveaux proposés").click()
    page.set_viewport_size(APERCU)  # type: ignore[arg-type]
    page.screenshot(path=capturer(page, "apercu"), full_page=False)
    page.get_by_role("button", name="Proposer cette note").click()
    page.locator("details.confirmation summary").click()
    page.get_by_label("Figer sans noter les présences").check()
    page.get_by_role("button", name="Confirmer et figer").click()
    visiter("certification:dossier", dossier.pk, photo="54-dossier-fige")
    figee = dossier.versions.get()
    assert figee.figee_par == Utilisateur.objects.get(username="president")
    grille = page.request.get(reverse("certification:grille-pdf", args=[dossier.pk]))
    assert grille.headers["content-type"] == "application/pdf"
    Path(settings.BASE_DIR, "captures", "grille.pdf").write_bytes(grille.body())
