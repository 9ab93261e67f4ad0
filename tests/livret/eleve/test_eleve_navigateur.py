"""L'élève sur son téléphone : lire, s'évaluer sans rien perdre, demander, déposer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from livret.models import (
    AutoEvaluation,
    Demande,
    Situation,
    Trace,
)
from tests.livret import photo
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)


def adresse(monde: Monde, nom: str) -> str:
    return reverse(f"livret:{nom}", args=[monde.a.eleves[0].pk])


def test_le_premier_ecran_dit_ou_l_on_en_est_et_la_suite(
    monde: Monde, telephone: Page, page: Page, connecter: Callable
) -> None:
    Situation.objects.update(etat="publiee")
    for ecran, compte, hauteur in (
        (telephone, monde.a.compte_eleve, 3 * 844),
        (page, monde.a.enseignant, 2 * 900),
    ):
        connecter(ecran, compte)
        ecran.goto(adresse(monde, "eleve"))
        for attendu in (
            ecran.locator("#ou-en-est"),
            ecran.locator(".puces a").first,
            ecran.locator("#ensuite"),
            ecran.get_by_role("link", name="3 compétences"),
        ):
            expect(attendu).to_be_in_viewport()
        assert ecran.evaluate("document.documentElement.scrollHeight") <= hauteur
        ecran.locator(".puces a", has_text="C1").click()
        expect(ecran.locator("tr#C1")).to_be_in_viewport()


def test_l_eleve_va_d_un_geste_a_chacune_de_ses_pages(
    monde: Monde, telephone: Page, connecter: Callable
) -> None:
    connecter(telephone, monde.a.compte_eleve)
    onglets = ("À prouver", "M’évaluer", "Portfolio", "PFMP", "Livret")
    telephone.goto(adresse(monde, "eleve"))
    for nom in onglets:
        barre = telephone.get_by_role("navigation", name="Livret de")
        barre.get_by_role("link", name=nom, exact=True).tap()
        expect(barre.locator("[aria-current=page]")).to_have_text(nom)


def test_s_evaluer_en_une_minute_et_sans_reseau(monde: Monde, telephone: Page, connecter: Callable) -> None:
    connecter(telephone, monde.a.compte_eleve)
    telephone.goto(adresse(monde, "autoevaluation"))
    etat = telephone.locator("#etat-envoi")
    c1 = telephone.locator("fieldset", has_text="Lire un plan")
    boite = c1.locator("label.reponse").first.bounding_box()
    assert boite["height"] >= 44
    c1.get_by_text("Partiellement maîtrisé").click()
    expect(etat).to_contain_text("Enregistré à")
    assert AutoEvaluation.objects.get().niveau.code == "2"

    def couper(route: Route) -> None:
        if route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    telephone.route("**/auto-evaluation/", couper)
    telephone.locator("fieldset", has_text="Choisir un procédé").get_by_text("Bien maîtrisé").click()
    expect(etat).to_contain_text("1 réponse en attente du réseau")
    assert AutoEvaluation.objects.count() == 1
    telephone.reload()
    expect(
        telephone.locator("fieldset", has_text="Choisir un procédé").get_by_label("Bien maîtrisé")
    ).to_be_checked()
    telephone.unroute("**/auto-evaluation/")
    telephone.evaluate("dispatchEvent(new Event('online'))")
    expect(etat).to_contain_text("2 réponses")
    assert AutoEvaluation.objects.filter(niveau__code="3").count() == 1
    telephone.get_by_role("button", name="Enregistrer").click()
    telephone.wait_for_url(f"**{adresse(monde, 'eleve')}")


def test_le_curseur_redessine_le_radar_et_la_demande_part(
    monde: Monde, telephone: Page, connecter: Callable
) -> None:
    Situation.objects.update(etat="publiee")
    connecter(telephone, monde.a.compte_eleve)
    telephone.goto(adresse(monde, "eleve"))
    radar = telephone.locator("#portrait desc")
    assert "C1 : niveau 2" in radar.text_content()
    telephone.get_by_text("Trois regards").click()
    telephone.locator("#semaine").fill("10")
    expect(telephone.locator("#portrait figcaption")).to_contain_text("Au 10 octobre 2025.")
    assert "niveau" not in telephone.locator("#portrait desc").text_content()
    expect(telephone.locator("#semaine-jour")).to_have_text("10 octobre 2025")
    assert "semaine=10" in telephone.url
    telephone.get_by_role("link", name="À prouver").click()
    telephone.get_by_role("button", name="Je demande une évaluation sur C3").click()
    expect(telephone.locator("#C3")).to_contain_text("demandée")
    assert Demande.objects.get().competence.code == "C3"


def test_deposer_une_photo(monde: Monde, telephone: Page, connecter: Callable, tmp_path: Path) -> None:
    image = tmp_path / "IMG_0042.jpg"
    image.write_bytes(photo.jpeg())
    connecter(telephone, monde.a.compte_eleve)
    telephone.goto(adresse(monde, "portfolio"))
    telephone.get_by_label("Photo").set_input_files(image)
    telephone.get_by_label("Quelques mots").fill("Ma première pièce conforme.")
    telephone.get_by_role("button", name="Ajouter au portfolio").click()
    expect(telephone.get_by_text("Ma première pièce conforme.", exact=True)).to_be_visible()
    telephone.get_by_role("button", name="Mettre au dossier").click()
    expect(telephone.get_by_text("au dossier", exact=True)).to_be_visible()
    assert Trace.objects.get().au_dossier is True
