"""Un tuteur sur son téléphone ; un enseignant pendant sa visite."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from livret.models import Situation
from tests.ecran import accessible, jusqu_a, sans_debordement
from tests.livret.tuteur.scene import Accueil, stage
from tests.monde import Monde

__all__ = ["stage"]

pytestmark = pytest.mark.django_db(transaction=True)


def sain(page: Page) -> None:
    page.wait_for_load_state()
    accessible(page)
    sans_debordement(page)


def signer(page: Page) -> None:
    cadre = page.locator("#cadre-signature")
    cadre.scroll_into_view_if_needed()
    bords = cadre.bounding_box()
    assert bords
    page.mouse.move(bords["x"] + 30, bords["y"] + 90)
    page.mouse.down()
    for rang in range(1, 8):
        page.mouse.move(bords["x"] + 30 + 40 * rang, bords["y"] + (30 if rang % 2 else 90))
    page.mouse.up()


def repondre(page: Page, *mots: str) -> None:
    for question, mot in zip(page.locator(".question").all(), mots, strict=True):
        question.get_by_role("radio", name=mot).check()


def rien_ne_reste(page: Page) -> None:
    """L’appareil a vidé son brouillon."""
    assert jusqu_a(page, "JSON.stringify(localStorage)", lambda reste: reste == "{}") == "{}"


def brouillons_perdus(page: Page) -> None:
    """Plus aucun brouillon n’atteint le serveur : ce que l’appareil a retenu y reste jusqu’à l’envoi."""
    page.route(
        "**/fiche/**",
        lambda une: une.abort() if une.request.headers["accept"] == "application/json" else une.continue_(),
    )


def test_le_tuteur_remplit_et_signe_au_telephone(stage: Accueil, telephone: Page, capturer: Callable) -> None:
    telephone.goto(stage.acces.chemin)
    expect(telephone.get_by_role("heading", name="Camille ALPHA-A1")).to_be_visible()
    telephone.get_by_text("Cocher parmi les tâches prévues").click()
    telephone.get_by_label("Étudier le dossier").check()
    repondre(telephone, "Correct", "Bon", "Pas vu")
    telephone.get_by_label("Ce qu’il ou elle fait bien").fill("Soigneux.")
    expect(telephone.locator("#etat-brouillon")).to_contain_text("Gardé à")
    telephone.reload()
    expect(telephone.get_by_label("Ce qu’il ou elle fait bien")).to_have_value("Soigneux.")
    brouillons_perdus(telephone)
    telephone.get_by_label("Nom et prénom du tuteur").fill("Maryse Tutrice 1")
    signer(telephone)
    sain(telephone)
    capturer(telephone, "tuteur-fiche")
    telephone.get_by_role("button", name="Signer et envoyer").click()
    expect(telephone.get_by_role("heading", name="Merci, votre fiche est reçue")).to_be_visible()
    sain(telephone)
    fiche = stage.relue()
    assert (fiche.etat, fiche.signature_mode, fiche.points_forts) == ("envoyee", "trace", "Soigneux.")
    assert [str(avis) for avis in fiche.avis.all()] == ["2", "3", "pas vu"]
    assert [tache.code for tache in fiche.taches.all()] == ["A1-T1"]
    rien_ne_reste(telephone)


def test_le_tuteur_a_fini_en_deux_minutes(stage: Accueil, telephone: Page) -> None:
    """Lire 270 mots à 200 la minute, moins vite qu'un adulte en silence (238, Brysbaert, 2019), prend 81 s ;
    neuf gestes de quatre secondes, 36 : 117 en tout. Les mots des réponses, lus à la première question, se
    reconnaissent aux suivantes."""
    stage.pfmp.competences.set(stage.pfmp.eleve.promotion.referentiel.competences.all())
    telephone.goto(stage.acces.chemin)
    mots = len(telephone.locator("main").inner_text().split())
    reponses = telephone.locator(".question .reponses").all_inner_texts()
    gestes = [
        telephone.get_by_text("Cocher parmi les tâches prévues").tap,
        telephone.get_by_label("Étudier le dossier").tap,
        *(une.get_by_role("radio", name="Correct").tap for une in telephone.locator(".question").all()),
        lambda: signer(telephone),
        telephone.get_by_role("button", name="Signer et envoyer").tap,
    ]
    for geste in gestes:
        geste()
    expect(telephone.get_by_role("heading", name="Merci, votre fiche est reçue")).to_be_visible()
    assert [str(avis) for avis in stage.relue().avis.all()] == ["2"] * 5
    assert len(gestes) == 9
    assert mots - sum(len(une.split()) for une in reponses[1:]) <= 270


def test_le_code_puis_un_lien_ferme(stage: Accueil, telephone: Page) -> None:
    telephone.goto(reverse("livret:tuteur-code"))
    telephone.get_by_label("Code").fill("aaaa aaaa")
    telephone.get_by_role("button", name="Ouvrir la fiche").click()
    expect(telephone.get_by_text("Ce code n’ouvre aucune fiche")).to_be_visible()
    sain(telephone)
    telephone.get_by_label("Code").fill(stage.acces.code.lower())
    telephone.get_by_role("button", name="Ouvrir la fiche").click()
    expect(telephone.get_by_role("heading", name="Camille ALPHA-A1")).to_be_visible()
    stage.pfmp.passer("close")
    telephone.reload()
    expect(telephone.get_by_text("Cette PFMP est close")).to_be_visible()
    sain(telephone)


def test_sans_reseau_rien_n_est_perdu(stage: Accueil, telephone: Page) -> None:
    """Aucun envoi ne part ; la page rechargée, elle, revient du serveur avec ce que l’appareil a gardé."""
    telephone.goto(stage.acces.chemin)
    fiche = f"**{stage.acces.chemin}"
    telephone.route(fiche, lambda une: une.abort() if une.request.method == "POST" else une.continue_())
    telephone.get_by_label("En quelques mots").fill("Saisi dans l’atelier, sans réseau.")
    expect(telephone.locator("#etat-brouillon")).to_contain_text("Pas de réseau")
    assert stage.relue().activites == ""
    telephone.unroute(fiche)
    telephone.reload()
    expect(telephone.get_by_label("En quelques mots")).to_have_value("Saisi dans l’atelier, sans réseau.")
    expect(telephone.locator("#etat-brouillon")).to_contain_text("Gardé à")
    assert stage.relue().activites == "Saisi dans l’atelier, sans réseau."
    rien_ne_reste(telephone)


def test_sans_script_on_coche_et_on_envoie(stage: Accueil, ouvrir_page: Callable[..., Page]) -> None:
    page = ouvrir_page({"width": 390, "height": 844}, java_script_enabled=False)
    page.goto(stage.acces.chemin)
    page.get_by_label("En quelques mots").fill("Montage")
    repondre(page, "À revoir", "Bon", "Bon")
    page.get_by_role("button", name="Signer et envoyer").click()
    page.get_by_role("link", name="Signez dans le cadre, ou cochez « je signe ».").click()
    expect(page.locator("#titre-signature")).to_be_in_viewport()
    page.get_by_label("Nom et prénom du tuteur").fill("Maryse Tutrice 1")
    page.get_by_label("Je signe").check()
    page.get_by_role("button", name="Signer et envoyer").click()
    expect(page.get_by_role("heading", name="Merci, votre fiche est reçue")).to_be_visible()
    assert stage.relue().signature_mode == "coche"


def test_remplir_ensemble_puis_valider(
    monde: Monde, stage: Accueil, page: Page, connecter: Callable, capturer: Callable
) -> None:
    connecter(page, monde.a.enseignant)
    page.goto(reverse("livret:pfmp", args=[stage.pfmp.pk]))
    page.get_by_role("link", name="Fiche du tuteur").click()
    sain(page)
    page.get_by_role("button", name="Montrer le QR code et le code").click()
    expect(page.get_by_role("img", name="QR code de la fiche du tuteur")).to_be_visible()
    sain(page)
    capturer(page, "tuteur-lien")
    page.get_by_role("link", name="Revenir à la fiche").click()
    page.get_by_role("link", name="Remplir ensemble").click()
    page.get_by_label("En quelques mots").fill("Montage")
    repondre(page, "À revoir", "Bon", "Bon")
    page.get_by_label("Nom et prénom du tuteur").fill("Maryse Tutrice 1")
    signer(page)
    sain(page)
    page.get_by_role("button", name="Signer et envoyer").click()
    expect(page.get_by_role("img", name="Signature tracée par Maryse Tutrice 1")).to_be_visible()
    sain(page)
    capturer(page, "tuteur-a-valider")
    page.get_by_role("button", name="Valider la fiche").click()
    expect(page.get_by_text("validée", exact=True)).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    assert Situation.objects.get(lieu="entreprise").evaluations.count() == 3
    page.goto(reverse("livret:periode-tuteurs", args=[stage.pfmp.periode_id]))
    sain(page)
