"""Décider à deux, ou très vite : rien d'écrasé en silence, rien de perdu, la note montrée est la dernière."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from certification.models import Decision, Dossier
from tests.certification import scene
from tests.certification.scene import adresse
from tests.conftest import TELEPHONE
from tests.ecran import accessible
from tests.monde import Monde
from tests.retenue import Retenue

pytestmark = pytest.mark.django_db(transaction=True)


def decisions(dossier: Dossier) -> dict[str, tuple[str, str, str]]:
    prises = Decision.objects.filter(dossier=dossier).select_related("niveau", "competence", "auteur")
    return {d.competence.code: (d.niveau.code, d.motif, d.auteur.username) for d in prises}


def sans_nouvelles(page: Page, dossier: Dossier) -> None:
    """La page ne demande plus d'elle-même ce que les autres décident : elle reste dépassée."""
    page.route(f"**{reverse('certification:fil', args=[dossier.pk])}*", lambda route: route.abort())


def choisir(page: Page, code: str, niveau: str, motif: str = "") -> None:
    if motif:
        page.locator(f"#{code}-motif").fill(motif)
    page.locator(f"#{code}-{niveau}").click()


@pytest.fixture
def ouverte(monde: Monde, camille: Dossier, page: Page, connecter: Callable) -> Page:
    connecter(page, monde.a.president)
    page.goto(camille.get_absolute_url())
    return page


# --- Deux membres, deux navigateurs -----------------------------------------------------------


@pytest.mark.long
@pytest.mark.ecritures
def test_deux_membres_sur_le_meme_candidat(
    monde: Monde, camille: Dossier, ouverte: Page, ouvrir_page: Callable, connecter: Callable, capturer
) -> None:
    autre = ouvrir_page(TELEPHONE, has_touch=True)
    connecter(autre, monde.a.membre)
    autre.goto(camille.get_absolute_url())
    for une in (ouverte, autre):
        sans_nouvelles(une, camille)

    choisir(ouverte, "C1", "3", "Vu en mai.")
    expect(ouverte.locator("#C1 .trace")).to_contain_text(monde.a.president.nom_complet)
    choisir(autre, "C2", "1", "Trop juste.")
    expect(autre.locator("#C2 .trace")).to_contain_text(monde.a.membre.nom_complet)
    # Ce que le président a arrêté pendant ce temps est venu avec la réponse.
    expect(autre.locator("#C1 .trace")).to_contain_text(monde.a.president.nom_complet)
    expect(autre.locator("#C1-3")).to_be_checked()
    expect(autre.locator("#note")).to_contain_text("17,0")

    # La page du président montre encore C2 à arrêter : sa saisie ne remplace rien.
    choisir(ouverte, "C2", "0", "Non fait.")
    message = ouverte.locator("#C2").get_by_role("alert")
    expect(message).to_contain_text(f"{monde.a.membre.nom_complet} a arrêté le niveau 1 pour C2")
    expect(ouverte.locator("#C2-motif")).to_have_value("Non fait.")
    assert decisions(camille) == {
        "C1": ("3", "Vu en mai.", monde.a.president.username),
        "C2": ("1", "Trop juste.", monde.a.membre.username),
    }
    accessible(ouverte)
    capturer(ouverte, "commission-conflit")
    ouverte.get_by_role("link", name="Garder ce qui est enregistré").click()
    expect(ouverte.locator("#C2-1")).to_be_checked()
    expect(ouverte.locator("#C2-motif")).to_have_value("Trop juste.")
    ouverte.wait_for_load_state()  # une page relue, dont les scripts n’écoutent pas encore

    # À son tour le membre a une page dépassée ; lui maintient sa saisie, en le voulant.
    choisir(ouverte, "C1", "2", "Relu ensemble.")
    expect(ouverte.locator("#note")).to_contain_text("12,0")
    choisir(autre, "C1", "0", "Non vu.")
    expect(autre.locator("#C1").get_by_role("alert")).to_contain_text(
        f"{monde.a.president.nom_complet} a arrêté le niveau 2 pour C1"
    )
    autre.get_by_role("button", name="Maintenir ma saisie").click()
    expect(autre.locator("#C1 .trace")).to_contain_text(monde.a.membre.nom_complet)
    assert decisions(camille)["C1"] == ("0", "Non vu.", monde.a.membre.username)


def test_la_ligne_ou_l_on_ecrit_ne_change_pas_sous_les_doigts(
    monde: Monde, camille: Dossier, ouverte: Page
) -> None:
    scene.arreter(camille, "C2", "3", "", monde.a.membre)
    ouverte.locator("#C2-motif").fill("J’écris")
    choisir(ouverte, "C1", "2")
    expect(ouverte.locator("#C1 .trace")).to_be_visible()
    expect(ouverte.locator("#C2-motif")).to_have_value("J’écris")
    expect(ouverte.locator("#C2 .trace")).to_have_count(0)


# --- Des réponses lentes ----------------------------------------------------------------------


def test_une_reponse_en_retard_ne_montre_pas_une_vieille_note(camille: Dossier, ouverte: Page) -> None:
    retenue = Retenue(ouverte, adresse("decision", camille.pk, "C1"))
    choisir(ouverte, "C1", "3", "Vu en mai.")
    retenue.attendre()
    choisir(ouverte, "C2", "1", "Trop juste.")
    ouverte.wait_for_timeout(800)
    retenue.laisser_passer()
    expect(ouverte.locator("#C1 .trace")).to_be_visible()
    expect(ouverte.locator("#C2 .trace")).to_be_visible()
    assert "17,0" in ouverte.locator("#note .notes").inner_text()


def test_se_raviser_avant_la_reponse_n_est_pas_perdu(camille: Dossier, ouverte: Page) -> None:
    retenue = Retenue(ouverte, adresse("decision", camille.pk, "C1"))
    choisir(ouverte, "C1", "3", "Vu en mai.")
    retenue.attendre()
    choisir(ouverte, "C1", "1")
    choisir(ouverte, "C2", "3")
    ouverte.wait_for_timeout(800)
    retenue.laisser_passer()
    expect(ouverte.locator("#C2 .trace")).to_be_visible()
    expect(ouverte.locator("#note .notes")).to_contain_text("10,0")
    expect(ouverte.locator("#C1-1")).to_be_checked()
    assert {code: prise[0] for code, prise in decisions(camille).items()} == {"C1": "1", "C2": "3"}


def test_un_motif_tape_pendant_l_attente_n_est_pas_perdu(camille: Dossier, ouverte: Page) -> None:
    retenue = Retenue(ouverte, adresse("decision", camille.pk, "C1"))
    choisir(ouverte, "C1", "3")
    retenue.attendre()
    ouverte.locator("#C1-motif").press_sequentially("Vu en ")
    retenue.laisser_passer()
    expect(ouverte.locator("#C1-erreur")).to_contain_text("donnez le motif")
    expect(ouverte.locator("#C1-motif")).to_be_focused()
    ouverte.keyboard.type("mai.")
    ouverte.keyboard.press("Tab")
    expect(ouverte.locator("#C1 .trace")).to_be_visible()
    assert decisions(camille)["C1"][:2] == ("3", "Vu en mai.")


def test_passer_au_suivant_attend_que_tout_soit_enregistre(
    camille: Dossier, dominique: Dossier, ouverte: Page
) -> None:
    retenue = Retenue(ouverte, adresse("decision", camille.pk, "C1"))
    ouverte.locator("#C1-0").focus()
    ouverte.keyboard.press("2")
    ouverte.keyboard.press("3")
    ouverte.keyboard.press("s")
    retenue.attendre()
    expect(ouverte.locator("h1")).to_contain_text("Camille")
    retenue.laisser_passer()
    expect(ouverte.locator("h1")).to_contain_text("Dominique")
    assert {code: prise[0] for code, prise in decisions(camille).items()} == {"C1": "2", "C2": "3"}


def test_une_panne_se_dit_et_se_reprend(
    monde: Monde,
    camille: Dossier,
    new_context: Callable[..., BrowserContext],
    live_server,
    connecter: Callable,
) -> None:
    page = new_context(base_url=live_server.url).new_page()
    connecter(page, monde.a.president)
    page.goto(camille.get_absolute_url())
    page.route("**/niveaux/C1/", lambda route: route.abort(), times=1)
    choisir(page, "C1", "2")
    expect(page.locator("#C1").get_by_role("alert")).to_contain_text("Non enregistré")
    choisir(page, "C2", "3")
    expect(page.locator("#C2 .trace")).to_be_visible()
    page.locator("#C1").get_by_role("button", name="Arrêter").click()
    expect(page.locator("#C1 .trace")).to_be_visible()
    assert {code: prise[0] for code, prise in decisions(camille).items()} == {"C1": "2", "C2": "3"}
