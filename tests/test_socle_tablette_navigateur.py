"""Un appareil passe de main en main : rien de tapé ne se perd, rien d’une personne ne se montre à l’autre."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserType, Page, expect

from livret.models import Situation, Utilisateur
from tests.ecran import PATIENCE
from tests.livret.saisie.test_grille_navigateur import adresse, case, nouvelle
from tests.livret.saisie.test_hors_ligne_navigateur import compteur, ouvrir_et_garder, saisir
from tests.monde import Monde

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ecritures]
MOT_DE_PASSE = "tournage-fraisage-2026"


@pytest.fixture
def page(new_context: Callable, live_server) -> Page:
    """Une page dont la console peut dire ce que l’on provoque ici : des envois qui échouent."""
    contexte = new_context(base_url=live_server.url, locale="fr-FR", reduced_motion="reduce")
    contexte.set_default_timeout(1000 * PATIENCE)
    return contexte.new_page()


def niveaux(scene: Situation) -> list[str]:
    return sorted(str(une) for une in scene.observations.all())


def test_un_eleve_se_connecte_pendant_que_la_grille_attend(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    page.context.set_offline(True)
    saisir(page, eleves, "C1.1", "32")
    expect(compteur(page)).to_have_text("2 saisies en attente")
    connecter(page, monde.a.compte_eleve)
    with page.expect_response("**/operations/") as reponse:
        page.context.set_offline(False)
    assert reponse.value.status == 403
    expect(page.locator("#etat-de-saisie")).to_contain_text("Une autre personne s’est connectée")
    expect(compteur(page)).to_have_text("2 saisies en attente")
    expect(page.locator("#avis li")).to_have_count(0)
    page.goto(reverse("livret:mon-livret"))
    connecter(page, monde.a.enseignant)
    with page.expect_response("**/operations/"):
        page.goto(adresse(scene))
    expect(compteur(page)).to_be_hidden()
    assert niveaux(scene) == ["2", "3"]


ETRANGERES = {
    "témoin CSRF perdu": {"status": 403, "body": "<h1>Interdit</h1>", "content_type": "text/html"},
    "adresse inconnue d’un mandataire": {"status": 404, "body": "<h1>?</h1>", "content_type": "text/html"},
    "autre personne, en JSON": {"status": 404, "json": {"personne": 0, "faute": "Inconnue."}},
    "page d’un mandataire": {"status": 200, "body": "<h1>Wi-Fi</h1>", "content_type": "text/html"},
    "JSON d’un autre": {"status": 200, "json": {"resultats": []}},
    "page de connexion": {"status": 302, "headers": {"Location": "/connexion/"}},
    "panne": {"status": 502, "body": "", "content_type": "text/html"},
}


@pytest.mark.parametrize("reponse", ETRANGERES.values(), ids=ETRANGERES)
def test_une_reponse_qui_ne_parle_pas_a_l_auteur_ne_refuse_rien(
    monde: Monde, page: Page, connecter: Callable, reponse: dict
) -> None:
    scene, eleves = nouvelle(monde, 2)
    # Ce qu'un service worker envoie n'est pas arrêté par la page.
    page.add_init_script("delete Navigator.prototype.serviceWorker;")
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    page.route("**/operations/", lambda route: route.fulfill(**reponse))
    saisir(page, eleves, "C1.1", "3")
    expect(page.locator("#etat-de-saisie")).to_have_text(re.compile("restent ici|sont gardées|cet appareil"))
    expect(compteur(page)).to_have_text("1 saisie en attente")
    page.unroute("**/operations/")
    with page.expect_response("**/operations/"):
        page.reload()
    expect(compteur(page)).to_be_hidden()
    assert niveaux(scene) == ["3"]


def test_un_vrai_refus_se_lit_se_copie_s_imprime_et_repart(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(
        "window.print = () => { window.imprime = document.querySelector('.a-imprimer').innerText; }"
    )
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    page.context.set_offline(True)
    saisir(page, eleves, "C1.1", "3")
    scene.classe.equipe.remove(monde.a.enseignant)
    page.context.set_offline(False)
    avis = page.locator("#avis li")
    expect(avis).to_contain_text("Vous n’avez plus le droit d’évaluer cette situation")
    expect(avis).to_contain_text("Vous aviez tapé « 3 ».")
    expect(avis).to_contain_text("ELEVE0")
    capturer(page, "grille-refus")

    page.goto(reverse("livret:classes"))
    zone = page.locator("#saisies-refusees")
    dite = zone.locator("li").inner_text()
    assert all(mot in dite for mot in ("ELEVE0", "C1.1", "« 3 »", "Vous n’avez plus le droit"))
    capturer(page, "saisies-refusees")
    zone.get_by_role("button", name="Copier la liste").click()
    page.wait_for_function("navigator.clipboard.readText().then((un) => un.includes('« 3 »'))")
    zone.get_by_role("button", name="Imprimer la liste").click()
    assert "« 3 »" in page.evaluate("window.imprime")

    scene.classe.equipe.add(monde.a.enseignant)
    zone.get_by_role("button", name="Envoyer de nouveau").click()
    expect(zone).to_be_hidden()
    expect(compteur(page)).to_be_hidden()
    assert niveaux(scene) == ["3"]


# --- Après la déconnexion ----------------------------------------------------------------------


@pytest.fixture
def page_qui_se_souvient(
    browser_type: BrowserType, browser_type_launch_args: dict, live_server
) -> Iterator[Page]:
    """Chromium tel que chez soi : il garde en mémoire les pages quittées, que « Précédent » remontre."""
    navigateur = browser_type.launch(
        **browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"]
    )
    contexte = navigateur.new_context(base_url=live_server.url, locale="fr-FR")
    contexte.set_default_timeout(1000 * PATIENCE)
    yield contexte.new_page()
    navigateur.close()


def test_precedent_ne_remontre_rien_apres_la_deconnexion(
    monde: Monde, page_qui_se_souvient: Page, connecter: Callable
) -> None:
    page, eleve = page_qui_se_souvient, monde.a.eleves[0]
    connecter(page, monde.a.enseignant)
    livret = reverse("livret:eleve", args=[eleve.pk])
    page.goto(reverse("livret:classe", args=[monde.a.classe.pk]))
    page.goto(livret)
    expect(page.locator("h1")).to_contain_text(eleve.prenom)
    page.locator(".compte summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(f"**{reverse('connexion')}")
    for _ in range(2):
        page.go_back()
        page.wait_for_url(f"**{reverse('connexion')}**")
        expect(page.locator("h1")).to_have_text("Connexion")
        assert eleve.nom not in page.content()


# --- La session finit pendant qu’on écrit ------------------------------------------------------


def se_connecter(page: Page, personne: Utilisateur) -> None:
    personne.set_password(MOT_DE_PASSE)
    personne.save()
    page.get_by_label("Nom d’utilisateur").fill(personne.username)
    page.get_by_label("Mot de passe").fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Se connecter").click()


@pytest.mark.parametrize("la_meme", [True, False], ids=["la même personne", "une autre"])
def test_ce_qu_on_ecrivait_revient_apres_la_connexion(
    monde: Monde, page: Page, connecter: Callable, la_meme: bool
) -> None:
    connecter(page, monde.a.enseignant)
    nouvelle_situation = reverse("livret:situation-create", args=[monde.a.classe.pk])
    page.goto(nouvelle_situation)
    page.locator("[name=intitule]").fill("Support de palier")
    page.get_by_text("Dossier du candidat et inventaire").click()
    page.locator("[name=description]").fill("Trois lignes\nécrites\nde mémoire")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("main form").first.evaluate("(formulaire) => formulaire.requestSubmit()")
    page.wait_for_url("**/connexion/**")
    expect(page.locator("#messages")).to_contain_text("Votre session a pris fin")
    if not la_meme:
        monde.a.classe.equipe.add(monde.a.collegue)
    se_connecter(page, monde.a.enseignant if la_meme else monde.a.collegue)
    page.wait_for_url(f"**{nouvelle_situation}**")
    expect(page.locator("[name=intitule]")).to_have_value("Support de palier" if la_meme else "")
    if la_meme:
        expect(page.locator("[name=description]")).to_have_value("Trois lignes\nécrites\nde mémoire")
        expect(page.locator("#messages")).to_contain_text("Voici ce que vous aviez écrit")


def test_sans_reseau_une_page_du_site_le_dit(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    page.context.set_offline(True)
    page.goto(reverse("livret:classes"))
    expect(page.locator("h1")).to_have_text("Pas de réseau")
    capturer(page, "hors-ligne")
    page.goto(adresse(scene))
    expect(page.locator(f"#{case('C1.1', eleves[0])}")).to_be_visible()
