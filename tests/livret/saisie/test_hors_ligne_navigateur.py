"""La grille sans réseau, dans Chromium : la file, la page gardée, le retour, la déconnexion."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from bench.serveur import gunicorn
from livret.models import (
    Eleve,
    Observation,
    Operation,
    Situation,
)
from tests import factories
from tests.ecran import PATIENCE, jusqu_a
from tests.livret.saisie.test_grille_navigateur import (
    adresse,
    case,
    nouvelle,
    valeurs,
)
from tests.monde import Monde

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ecritures]


@pytest.fixture
def page(new_context: Callable, live_server) -> Page:
    """Une page dont la console peut dire ce que l'on provoque ici : des envois qui échouent."""
    contexte = new_context(
        base_url=live_server.url, locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce"
    )
    contexte.set_default_timeout(1000 * PATIENCE)
    return contexte.new_page()


GARDEE = """async () => {
    for (const nom of await caches.keys())
        if (nom.startsWith("grilles-") && await (await caches.open(nom)).match(location.pathname))
            return await tousGardes();
    return false;
    async function tousGardes() {
        const fichiers = await caches.open("fichiers-1");
        for (const un of document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]"))
            if (!(await fichiers.match(un.href || un.src))) return false;
        return true;
    }
}"""


def attendre(page: Page, condition: str) -> None:
    """Jusqu'à ce qu'une expression, qui peut être une promesse, soit vraie."""
    assert jusqu_a(page, condition), f"Toujours faux : {condition}"


def ouvrir_et_garder(page: Page, scene: Situation) -> None:
    """Ouvre la grille et attend que l'appareil l'ait gardée."""
    page.goto(adresse(scene))
    attendre(page, GARDEE)


def grilles_gardees(page: Page) -> list[str]:
    return page.evaluate("caches.keys().then((noms) => noms.filter((nom) => nom.startsWith('grilles-')))")


def compteur(page: Page):
    return page.locator("#saisies-en-attente")


def saisir(page: Page, eleves: list[Eleve], code: str, touches: str) -> None:
    page.locator(f"#{case(code, eleves[0])}").focus()
    page.keyboard.type(touches)


def test_vingt_saisies_sans_reseau_arrivent_une_seule_fois(
    monde: Monde, page: Page, connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 10)
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    page.context.set_offline(True)
    saisir(page, eleves, "C1.1", "3210321032")
    saisir(page, eleves, "C1.2", "0123012301")
    expect(compteur(page)).to_have_text("20 saisies en attente")
    expect(page.locator("td.attente")).to_have_count(20)
    page.reload()
    expect(compteur(page)).to_have_text("20 saisies en attente")
    attendu = [[un, deux, ""] for un, deux in zip("3210321032", "0123012301", strict=True)]
    assert valeurs(page, eleves) == attendu
    capturer(page, "grille-hors-ligne")
    assert Operation.objects.count() == 0
    page.context.set_offline(False)
    expect(compteur(page)).to_be_hidden()
    expect(page.locator("td.attente")).to_have_count(0)
    assert Operation.objects.filter(situation=scene, resultat="enregistre", ecrite=True).count() == 20
    assert Observation.history.filter(situation=scene).count() == 20
    page.reload()
    assert [ligne[:2] for ligne in valeurs(page, eleves)] == [ligne[:2] for ligne in attendu]


def base_des_tests() -> str:
    """Adresse de la base où ce test écrit, pour un serveur dans un autre processus."""
    nom = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{nom}"
    return urlsplit(settings.ADRESSE_DE_LA_BASE)._replace(path=f"/{nom}").geturl()


@pytest.mark.long
def test_vingt_saisies_survivent_a_l_arret_du_serveur(
    monde: Monde, new_context: Callable, connecter: Callable
) -> None:
    """De vrais processus gunicorn : arrêtés pendant la saisie, la page rechargée sans eux, puis relancés."""
    scene, eleves = nouvelle(monde, 10)
    variables = {"DEBUG": "1", "SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": base_des_tests()}
    with gunicorn(variables, processus=1) as serveur:
        page = new_context(base_url=f"http://localhost:{serveur.port}", locale="fr-FR").new_page()
        connecter(page, monde.a.enseignant)
        ouvrir_et_garder(page, scene)
    saisir(page, eleves, "C1.1", "3210321032")
    saisir(page, eleves, "C1.2", "0123012301")
    expect(compteur(page)).to_have_text("20 saisies en attente")
    page.reload()
    expect(compteur(page)).to_have_text("20 saisies en attente")
    assert Operation.objects.count() == 0
    with gunicorn(variables, processus=1, port=serveur.port):
        expect(compteur(page)).to_be_hidden(timeout=30_000)
        expect(page.locator("td.attente")).to_have_count(0)
        page.reload()
        attendu = [[un, deux] for un, deux in zip("3210321032", "0123012301", strict=True)]
        assert [ligne[:2] for ligne in valeurs(page, eleves)] == attendu
    assert Operation.objects.filter(situation=scene, resultat="enregistre", ecrite=True).count() == 20
    assert Observation.history.filter(situation=scene).count() == 20


def test_une_reponse_perdue_ne_fait_pas_ecrire_deux_fois(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    perdues = []

    def perdre(route) -> None:
        if perdues:
            route.continue_()
        else:
            perdues.append(route.fetch().status)
            route.abort()

    page.route("**/operations/", perdre)
    saisir(page, eleves, "C1.1", "3")
    expect(compteur(page)).to_be_hidden()
    expect(page.locator("td.enregistree")).to_have_count(1)
    assert (perdues, Observation.history.filter(situation=scene).count()) == ([200], 1)


def test_un_conflit_fait_sans_reseau_se_tranche_plus_tard(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    page.context.set_offline(True)
    saisir(page, eleves, "C1.1", "1")
    detaillee = scene.detaillees.get(code="C1.1")
    niveau = factories.niveau(monde.referentiel, 3)
    Observation.objects.create(
        situation=scene, eleve=eleves[0], detaillee=detaillee, niveau=niveau, auteur=monde.a.collegue
    )
    page.context.set_offline(False)
    expect(page.locator("#avis")).to_contain_text(f"{monde.a.collegue.nom_complet} y a écrit « 3 » à")
    page.goto("/classes/")
    expect(compteur(page)).to_have_text("1 saisie à revoir")
    compteur(page).click()
    expect(page.locator("td.conflit")).to_have_count(1)
    page.get_by_role("button", name="Remplacer par « 1 »").click()
    expect(page.locator("td.enregistree")).to_have_count(1)
    expect(compteur(page)).to_be_hidden()
    assert str(scene.observations.get()) == "1"


def test_l_appareil_dit_une_fois_ce_qu_il_garde(monde: Monde, page: Page, connecter: Callable) -> None:
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, monde.a.situation)
    conseil = page.get_by_role("note")
    expect(conseil).to_contain_text("Tout s’efface quand vous vous déconnectez.")
    conseil.get_by_role("button", name="J’ai compris").click()
    expect(conseil).to_have_count(0)
    ouvrir_et_garder(page, monde.a.situation)
    page.wait_for_function("() => localStorage.getItem('trpm-sans-reseau-dit') === 'oui'")
    expect(page.get_by_role("note")).to_have_count(0)


def test_la_deconnexion_previent_puis_efface_tout(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    page.route("**/operations/", lambda route: route.abort())
    saisir(page, eleves, "C1.1", "32")
    expect(compteur(page)).to_have_text("2 saisies en attente")
    messages, suites = [], [False, True]
    page.on(
        "dialog",
        lambda boite: (messages.append(boite.message), boite.accept() if suites.pop(0) else boite.dismiss()),
    )
    for _ in range(2):
        page.locator(".compte summary").click()
        page.get_by_role("button", name="Se déconnecter").click()
        page.wait_for_timeout(400)
        if suites:
            expect(compteur(page)).to_have_text("2 saisies en attente")
            page.locator(".compte summary").click()
    page.wait_for_url(f"**{reverse('connexion')}")
    attendu = (
        "2 saisies ne sont pas enregistrées et seront perdues si vous vous déconnectez maintenant. "
        "Se déconnecter quand même ?"
    )
    assert (messages, grilles_gardees(page)) == ([attendu] * 2, [])
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    expect(compteur(page)).to_be_hidden()
    assert scene.observations.count() == 0


def test_la_grille_et_la_file_d_une_personne_ne_servent_pas_a_une_autre(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    assert grilles_gardees(page) == [f"grilles-{monde.a.enseignant.pk}"]
    page.route("**/operations/", lambda route: route.abort())
    saisir(page, eleves, "C1.1", "3")
    expect(compteur(page)).to_have_text("1 saisie en attente")
    page.context.clear_cookies()
    connecter(page, monde.a.collegue)
    page.unroute("**/operations/")
    page.goto(adresse(scene))
    expect(page.locator(f"#{case('C1.1', eleves[0])}")).to_have_value("")
    expect(compteur(page)).to_be_hidden()
    attendre(page, f"caches.has('grilles-{monde.a.collegue.pk}')")
    assert grilles_gardees(page) == [f"grilles-{monde.a.collegue.pk}"]
    assert Operation.objects.count() == 0


def test_la_page_de_connexion_efface_les_grilles_gardees(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, _ = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    ouvrir_et_garder(page, scene)
    page.context.clear_cookies()
    page.goto(reverse("connexion"))
    attendre(page, "caches.keys().then((noms) => noms.every((nom) => !nom.startsWith('grilles-')))")
    assert grilles_gardees(page) == []


def test_le_service_est_a_la_racine_et_ne_porte_aucune_donnee(monde: Monde, client: Client) -> None:
    reponse = client.get("/service-worker.js")
    assert (reponse.status_code, reponse["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert "no-cache" in reponse["Cache-Control"]
    assert f'new URL("/{settings.STATIC_URL.strip("/")}/"' in reponse.content.decode()
    client.force_login(monde.a.enseignant)
    assert client.get("/service-worker.js").content == reponse.content
