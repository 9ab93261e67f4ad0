"""Un enseignant prépare les bilans de sa classe au clavier ; l'élève écrit ses mots ; axe ne trouve rien."""

import datetime
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from livret.models import Bilan, Situation
from tests import factories
from tests.ecran import accessible, sans_debordement
from tests.livret.bilan.bilans import url
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def publiee(monde: Monde) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.PUBLIEE)


def touche_d_acces(page: Page, lettre: str) -> None:
    """Alt et la lettre, comme un clavier les envoie : Playwright tait la lettre, Chromium l'attend."""
    page.context.new_cdp_session(page).send(
        "Input.dispatchKeyEvent",
        {
            "type": "keyDown",
            "modifiers": 1,
            "key": lettre,
            "code": f"Key{lettre.upper()}",
            "windowsVirtualKeyCode": ord(lettre.upper()),
            "text": lettre,
            "unmodifiedText": lettre,
        },
    )


def test_preparer_la_classe_au_clavier(monde: Monde, page: Page, connecter: Callable, capturer) -> None:
    connecter(page, monde.a.enseignant)
    page.goto(url("bilans", monde.a.classe.pk, 6))
    page.get_by_label("Date du bilan").fill("2026-03-30")
    page.get_by_role("button", name="Préparer la classe").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("2 bilans créés au 30 mars 2026")
    page.get_by_role("link", name="Écrire élève par élève").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Camille ALPHA-A1")
    expect(page.get_by_label("Appréciation de l’équipe")).to_be_focused()
    page.keyboard.type("Un semestre sérieux.")
    touche_d_acces(page, "n")
    expect(page.locator("h1")).to_contain_text("Dominique ALPHA-A2")
    expect(page.get_by_label("Appréciation de l’équipe")).to_be_focused()
    page.keyboard.type("De la régularité à trouver.")
    touche_d_acces(page, "p")
    expect(page.get_by_label("Appréciation de l’équipe")).to_have_value("Un semestre sérieux.")
    page.keyboard.press("End")
    page.keyboard.type(" Bravo.")
    page.keyboard.press("Control+s")
    expect(page.locator("#messages")).to_contain_text("enregistré à")
    capturer(page, "bilan-ecrire")
    page.goto(url("bilans", monde.a.classe.pk, 6))
    page.get_by_role("button", name="Marquer préparés").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("2 bilans préparés.")
    assert [(un.etat, un.appreciation, un.intact) for un in Bilan.objects.all()] == [
        ("prepare", "Un semestre sérieux. Bravo.", True),
        ("prepare", "De la régularité à trouver.", True),
    ]


def test_quitter_sans_enregistrer_previent(monde: Monde, page: Page, connecter: Callable) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant)
    dits: list[str] = []
    page.on("dialog", lambda dialogue: (dits.append(dialogue.type), dialogue.dismiss()))
    connecter(page, monde.a.enseignant)
    page.goto(bilan.get_absolute_url())
    page.get_by_label("Appréciation de l’équipe").fill("À ne pas perdre.")
    page.get_by_role("link", name="Bilans du semestre 6").click(no_wait_after=True)
    expect(page.get_by_label("Appréciation de l’équipe")).to_have_value("À ne pas perdre.")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("enregistré à")
    assert dits == ["beforeunload"]


@pytest.mark.parametrize("taille", ["ordinateur", "telephone"])
def test_aucune_faute_d_accessibilite(
    monde: Monde, request, connecter: Callable, capturer, taille: str
) -> None:
    onglet = request.getfixturevalue({"ordinateur": "page", "telephone": "telephone"}[taille])
    eleve, enseignant = monde.a.eleves[0], monde.a.enseignant
    factories.echelle_attendue(monde.a.promotion, enseignant, {"C1": {5: 3}, "C2": {5: 1}, "C3": {5: 1}})
    valide = factories.bilan(eleve, enseignant, "valide", semestre=5, mots="Je progresse.")
    prepare = factories.bilan(eleve, enseignant, "prepare", date=datetime.date(2026, 5, 4))
    entretien = factories.bilan(monde.a.eleves[1], enseignant, "entretien")
    pages = {
        enseignant: {
            "classe": url("bilans", monde.a.classe.pk, 6),
            "prepare": prepare.get_absolute_url(),
            "entretien": entretien.get_absolute_url(),
            "valide": valide.get_absolute_url(),
        },
        monde.a.compte_eleve: {"mes-bilans": "/mes-bilans/"},
    }
    for compte, adresses in pages.items():
        connecter(onglet, compte)
        for nom, adresse in adresses.items():
            onglet.goto(adresse)
            for repli in onglet.locator("main details > summary").all():
                repli.click()
            accessible(onglet, nom)
            sans_debordement(onglet, nom)
            capturer(onglet, f"bilan-{nom}-{taille}")


def test_l_eleve_ecrit_ses_mots_sur_son_telephone(monde: Monde, telephone: Page, connecter: Callable) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "prepare")
    connecter(telephone, monde.a.compte_eleve)
    telephone.goto("/mes-bilans/")
    telephone.get_by_label("Mes mots").fill("Je règle seul.")
    telephone.get_by_role("button", name="Enregistrer mes mots").tap()
    expect(telephone.locator("#messages")).to_contain_text("Vos mots sont enregistrés")
    bilan.refresh_from_db()
    assert bilan.mots_de_sa_main
