"""Les sessions d'un compte : listées, et fermées ailleurs."""

import datetime
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from livret.models import Utilisateur
from tests.comptes.authentificateurs import entrer
from tests.factories import MOT_DE_PASSE
from tests.monde import Monde
from trpm.comptes import session
from trpm.comptes.navigateur import appareil

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


def test_listees_et_fermees_ailleurs(monde: Monde) -> None:
    salle, maison = Client(HTTP_USER_AGENT="Tablette de l’atelier"), Client(HTTP_USER_AGENT="Chez soi")
    for client in (salle, maison):
        entrer(client, "enseignant-a")
    autre = Client(HTTP_USER_AGENT="Un autre compte")
    entrer(autre, "membre-a")
    page = maison.get("/mon-compte/sessions/").text
    assert ("Tablette de l’atelier" in page, "Chez soi" in page, "Un autre compte" in page) == (
        True,
        True,
        False,
    )
    assert page.count("celle-ci") == 1
    fermees = maison.post("/mon-compte/sessions/", follow=True)
    assert "Vos autres sessions sont fermées." in fermees.text
    assert "Aucune autre session n’est ouverte." in fermees.text
    statuts = [client.get("/classes/").status_code for client in (salle, maison)]
    assert (statuts, autre.get("/avis/").status_code) == ([302, 200], 200)


def test_changer_de_mot_de_passe_ferme_les_autres(monde: Monde) -> None:
    salle, maison = Client(), Client()
    for client in (salle, maison):
        entrer(client, "enseignant-a")
    neuf = "rectification-plane-31"
    maison.post(
        "/mot-de-passe/", {"old_password": MOT_DE_PASSE, "new_password1": neuf, "new_password2": neuf}
    )
    assert [client.get("/classes/").status_code for client in (salle, maison)] == [302, 200]
    assert "celle-ci" in maison.get("/mon-compte/sessions/").text


def _finie() -> None:
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))


@pytest.mark.parametrize(
    "arret",
    [
        _finie,
        lambda: Session.objects.all().delete(),
        lambda: Utilisateur.objects.filter(username="enseignant-a").update(is_active=False),
        lambda: Utilisateur.objects.filter(username="enseignant-a").update(password="autre"),
    ],
    ids=["session finie", "session effacée", "compte désactivé", "mot de passe changé"],
)
def test_ce_qui_est_garde_traduit_ne_prolonge_rien(monde: Monde, arret: Callable[[], object]) -> None:
    client = Client()
    entrer(client, "enseignant-a")
    assert [client.get("/classes/").status_code for _ in range(3)] == [200] * 3
    arret()
    assert client.get("/classes/").status_code == 302


@pytest.mark.parametrize("cle", ["", "a", "z" * 32, "é" * 32, "%s", "' OR 1=1 --", "x" * 5000])
def test_une_cle_inconnue_n_ouvre_rien(monde: Monde, cle: str) -> None:
    client = Client()
    entrer(client, "enseignant-a")
    client.cookies[settings.SESSION_COOKIE_NAME] = cle
    assert client.get("/classes/").status_code == 302


@pytest.mark.django_db
def test_la_session_et_le_compte_se_lisent_traduits() -> None:
    assert session._ouverte.traduire(("a" * 32,))
    assert session._compte.traduire((1,))


def test_le_navigateur_se_lit_echappe(monde: Monde) -> None:
    client = Client(HTTP_USER_AGENT="<script>x</script>")
    entrer(client, "enseignant-a")
    assert "<script>x" not in client.get("/mon-compte/sessions/").text


@pytest.mark.parametrize(
    ("agent", "dit"),
    [
        (f"{WINDOWS}; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox sur Windows"),
        (f"{WINDOWS}) {WEBKIT} Chrome/126.0.0.0 Safari/537.36", "Chrome sur Windows"),
        (f"{WINDOWS}) {WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge sur Windows"),
        (f"{WINDOWS}) {WEBKIT} Chrome/126.0.0.0 Safari/537.36 OPR/112.0.0.0", "Opera sur Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Safari/605.1.15",
            "Safari sur Mac",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1",
            "Chrome sur iPhone",
        ),
        ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Version/12.1 Safari/604.1", "Safari sur iPad"),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-X200) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0.0.0 "
            "Safari/537.36",
            "Samsung Internet sur Android",
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/126.0.0.0 Safari/537.36",
            "Chrome sur ChromeOS",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox sur Linux"),
        ("Firefox", "Firefox"),
        ("Tablette de l’atelier", "Tablette de l’atelier"),
        ("", "navigateur inconnu"),
    ],
)
def test_le_navigateur_se_dit_en_deux_mots(agent: str, dit: str) -> None:
    assert appareil(agent) == dit


def test_la_page_dit_l_appareil_sans_sa_chaine(monde: Monde) -> None:
    client = Client(HTTP_USER_AGENT=f"{WINDOWS}; rv:128.0) Gecko/20100101 Firefox/128.0")
    entrer(client, "enseignant-a")
    page = client.get("/mon-compte/sessions/").text
    assert ("Firefox sur Windows" in page, "Gecko" in page) == (True, False)
