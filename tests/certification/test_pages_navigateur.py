"""Vérification, logo, réunion et lots, au téléphone et à l’ordinateur : accessibles, et rien ne déborde."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from certification.lot import tirages
from certification.models import Dossier, Verification
from tests import factories
from tests.certification.scene import adresse, decider, figer
from tests.ecran import accessible, sans_debordement
from tests.livret.administration.test_logo import png
from tests.monde import Monde
from tests.ouvrage import toutes_les_taches

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["page", "telephone"])
def onglet(request) -> Page:
    return request.getfixturevalue(request.param)


@pytest.fixture
def saine(onglet: Page, capturer: Callable) -> Callable[[str], None]:
    def verifier(nom: str) -> None:
        capturer(onglet, f"{nom}-{onglet.viewport_size['width']}")
        accessible(onglet, nom)
        sans_debordement(onglet, nom)

    return verifier


@pytest.fixture
def verification(monde: Monde, camille: Dossier) -> Verification:
    decider(monde, camille)
    return Verification.objects.get(version=figer(monde, camille))


def test_verifier_un_document(
    monde: Monde, verification: Verification, onglet: Page, connecter: Callable, saine: Callable
) -> None:
    url, empreinte = verification.get_absolute_url(), verification.version.empreinte
    onglet.goto(f"{url}?e={empreinte[:16]}")
    expect(onglet.get_by_role("status")).to_contain_text("Conforme à la version figée")
    saine("verification-conforme")
    onglet.get_by_label("Fichier à comparer").set_input_files(
        {"name": "lu.json", "mimeType": "application/json", "buffer": b'{"note": 20}'}
    )
    onglet.get_by_role("button", name="Comparer", exact=True).click()
    expect(onglet.get_by_role("alert")).to_contain_text("Données différentes.")
    saine("verification-fichier")
    onglet.goto(f"{url}?e={'0' * 16}")
    expect(onglet.get_by_role("alert")).to_contain_text("Non conforme.")
    saine("verification-non-conforme")
    onglet.goto(adresse("verifier", "x" * 22))
    expect(onglet.get_by_role("alert")).to_contain_text("Ce code n’est celui d’aucun document")
    saine("verification-inconnue")
    connecter(onglet, monde.a.president)
    onglet.goto(f"{url}?e={empreinte[:16]}")
    expect(onglet.get_by_role("link", name="ALPHA-A1 Camille : EP1")).to_be_visible()
    saine("verification-connecte")


def test_changer_le_logo(monde: Monde, onglet: Page, connecter: Callable, saine: Callable) -> None:
    connecter(onglet, monde.a.administrateur)
    onglet.goto(reverse("livret:logo", args=[monde.a.etablissement.pk]))
    rubriques = onglet.get_by_role("navigation", name="Rubriques")
    assert rubriques.locator("[aria-current]").all_inner_texts() == ["Administration"]
    saine("logo-aucun")
    for contenu in (b"rien", png()):
        onglet.get_by_label("Image").set_input_files(
            {"name": "logo.png", "mimeType": "image/png", "buffer": contenu}
        )
        onglet.get_by_role("button", name="Enregistrer le logo").click()
        saine("logo-refuse" if contenu == b"rien" else "logo-enregistre")
    expect(onglet.get_by_role("img", name="Logo actuel de Lycée A")).to_be_visible()
    onglet.get_by_role("button", name="Retirer le logo").click()
    expect(onglet.get_by_text("Aucun logo")).to_be_visible()


def test_une_reunion_de_trois_epreuves(
    monde: Monde, camille: Dossier, onglet: Page, connecter: Callable, saine: Callable
) -> None:
    decider(monde, camille)
    figer(monde, camille)
    autres = [factories.commission(monde.a.promotion, code) for code in ("EP2", "EP3")]
    for eleve in monde.a.eleves:
        for commission in autres:
            factories.dossier(commission, eleve)
    reunion = factories.reunion(monde.a.commission, *autres)
    connecter(onglet, monde.a.president)
    onglet.goto(adresse("reunion", reunion.pk))
    for code in ("EP1", "EP2", "EP3"):
        expect(onglet.get_by_role("columnheader", name=code)).to_be_visible()
    for details in onglet.locator("main details").all():
        details.locator("summary").click()
    saine("reunion")
    onglet.get_by_role("link", name="À compléter ou à arbitrer").click()
    expect(onglet).to_have_url(f"{reunion.get_absolute_url()}?voir=suspens")
    saine("reunion-suspens")
    onglet.goto(adresse("commission", monde.a.commission.pk))
    onglet.get_by_role("link", name="Réunion de plusieurs épreuves").click()
    expect(onglet).to_have_url(re.compile(reunion.get_absolute_url()))


def test_les_actions_rares_d_une_commission_se_rangent_au_clavier(
    monde: Monde, onglet: Page, connecter: Callable, saine: Callable
) -> None:
    connecter(onglet, monde.a.president)
    onglet.goto(adresse("commission", monde.a.commission.pk))
    actions = onglet.locator(".entete .actions")
    assert actions.locator("> a, > details > summary").all_inner_texts() == [
        "Avancement",
        "Candidats",
        "Modifier",
        "Supprimer",
        "Imprimer",
        "Exporter",
    ]
    expect(onglet.get_by_role("link", name="Procès-verbal (PDF)")).to_be_hidden()
    actions.get_by_text("Imprimer", exact=True).focus()
    onglet.keyboard.press("Enter")
    saine("commission-imprimer")
    onglet.keyboard.press("Tab")
    expect(onglet.get_by_role("link", name="Convocations (PDF)")).to_be_focused()
    onglet.keyboard.press("Tab")
    expect(onglet.get_by_role("link", name="Procès-verbal (PDF)")).to_be_focused()
    actions.get_by_text("Exporter", exact=True).focus()
    onglet.keyboard.press("Enter")
    expect(onglet.get_by_role("link", name="Procès-verbal (PDF)")).to_be_hidden()
    saine("commission-exporter")
    onglet.get_by_role("link", name="Archive signée").click()
    expect(onglet.get_by_role("heading", name="Documents de toute la commission")).to_be_in_viewport()


def test_relire_une_archive(
    monde: Monde,
    verification: Verification,
    onglet: Page,
    connecter: Callable,
    saine: Callable,
    settings,
    tmp_path,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    lot = tirages.demander(monde.a.commission, "archive", monde.a.president)
    toutes_les_taches()
    intacte = lot.avancement().final.fichier.read()
    connecter(onglet, monde.a.president)
    onglet.goto(adresse("commissions"))
    onglet.get_by_role("link", name="Relire une archive").click()
    saine("archive-vide")
    for nom, contenu, dit in (
        ("refusee", b"rien", "n’est pas une archive zip lisible"),
        ("intacte", intacte, "Intacte."),
        ("modifiee", intacte.replace(b";15,00;", b";19,00;"), "notes.csv\xa0: modifié"),
    ):
        onglet.get_by_label("Archive signée").set_input_files(
            {"name": "archive.zip", "mimeType": "application/zip", "buffer": contenu}
        )
        onglet.get_by_role("button", name="Relire", exact=True).click()
        expect(onglet.locator("main")).to_contain_text(dit)
        saine(f"archive-{nom}")


@pytest.mark.parametrize("genre", ["grilles", "archive"])
def test_un_lot_en_cours_puis_termine(
    monde: Monde,
    verification: Verification,
    onglet: Page,
    connecter: Callable,
    saine: Callable,
    monkeypatch,
    settings,
    tmp_path,
    genre: str,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(tirages, "produire", lambda tirage: b"%PDF")
    lot = tirages.demander(monde.a.commission, genre, monde.a.president)
    connecter(onglet, monde.a.president)
    onglet.goto(lot.get_absolute_url())
    expect(onglet.get_by_role("status")).to_contain_text("en cours")
    saine(f"lot-{genre}-en-cours")
    toutes_les_taches()
    expect(onglet.get_by_role("link", name="Télécharger").first).to_be_visible()
    saine(f"lot-{genre}-termine")


def test_les_tables_a_recopier(
    monde: Monde, camille: Dossier, onglet: Page, connecter: Callable, saine: Callable
) -> None:
    decider(monde, camille)
    factories.eleve(monde.a.classe, "ALPHA-A3", "Sacha", statut="hors-contrat")
    connecter(onglet, monde.a.president)
    for nom, url in (
        ("cyclades", adresse("cyclades", monde.a.etablissement.pk, monde.a.commission.session)),
        ("lsl", adresse("lsl", monde.a.classe.pk)),
    ):
        onglet.goto(url)
        expect(onglet.get_by_text("Cette table n’a pas encore été prise.")).to_be_visible()
        saine(f"{nom}-avant")
        with onglet.expect_download() as remise:
            onglet.get_by_role("button", name="Télécharger en xlsx").click()
        assert remise.value.suggested_filename.endswith(".xlsx")
        onglet.reload()
        expect(onglet.get_by_text("Rien n’a changé depuis.")).to_be_visible()
        saine(f"{nom}-apres")
