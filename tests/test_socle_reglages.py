"""Ce que les réglages promettent : démarrage, base, sessions, connexion, politique de contenu."""

import gzip
import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.urls import reverse

from tests import factories
from trpm.garde.mot_de_passe import FIL
from trpm.garde.reseau import adresse_client

pytestmark = pytest.mark.base  # des processus à part ouvrent celle de DATABASE_URL

PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "k" * 30 + "0123456789abcdefghijklmnopqrst",
    "ALLOWED_HOSTS": "trpm.example.fr",
}
SE_DIVISER = """
import gc, os
import trpm.wsgi
from django.db import connection
print(connection.connection, gc.get_freeze_count() > 50_000, flush=True)
for _ in range(2):
    if not os.fork():
        with connection.cursor() as curseur:
            curseur.execute("SELECT 1")
            print(*curseur.fetchone(), flush=True)
        os._exit(0)
    os.wait()
"""
MOT_DE_PASSE = "tournage-fraisage-2026"


def en_production(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"from trpm import settings\n{code}"],
        env={**os.environ, **PRODUCTION, **variables},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("variable", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_la_production_refuse_de_demarrer_sans(variable):
    refus = en_production("", **{variable: ""})

    assert refus.returncode == 1
    assert f"La variable d’environnement {variable} est obligatoire en production." in refus.stderr


@pytest.mark.parametrize(
    ("commande", "code"),
    [(["-c", "from trpm.wsgi import application"], 1), (["manage.py", "check"], 0)],
    ids=["un serveur refuse", "une commande travaille en local"],
)
def test_sans_aucun_reglage(commande, code):
    vierge = {nom: valeur for nom, valeur in os.environ.items() if nom not in {*PRODUCTION, "DATABASE_URL"}}
    essai = subprocess.run(
        [sys.executable, *commande], env=vierge, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert essai.returncode == code
    assert ("SECRET_KEY est obligatoire en production" in essai.stderr) == (code == 1)


def test_reglages_de_production():
    noms = [
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
        "DEBUG",
    ]
    lu = en_production(f"print(*[getattr(settings, nom) for nom in {noms}])")

    assert lu.stdout == "True True True 31536000 False\n"


def test_le_site_se_charge_une_fois_et_se_divise_sans_connexion_partagee(neuve, tmp_path):
    lu = en_production(SE_DIVISER, DATABASE_URL=neuve, MEDIA_ROOT=str(tmp_path))
    assert lu.stdout == "None True\n1\n1\n", lu.stderr


@pytest.mark.parametrize("reglage", ["FICHIERS_S3", "REDIS_DES_TACHES"])
def test_un_reglage_de_plusieurs_machines_dit_quels_paquets_lui_manquent(reglage):
    sans = "import importlib.util; importlib.util.find_spec = lambda nom: None\n"
    refus = subprocess.run(
        [sys.executable, "-c", f"{sans}import trpm.settings"],
        env={**os.environ, **PRODUCTION, reglage: "essai://ailleurs"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert refus.stderr.rstrip().endswith(
        f"{reglage} demande des paquets qui ne s’installent pas d’office\xa0: lancez .ci/installer reparti."
    )


def test_les_taches_se_reglent_sous_leur_nom_comme_sous_l_ancien():
    code = "print(settings.TACHES_OUVRIERS, settings.Q_CLUSTER['retry'])"
    assert en_production(code, TACHES_OUVRIERS="2", TACHES_BAIL="300").stdout == "2 300\n"
    assert en_production(code, LOTS_OUVRIERS="3", LOTS_BAIL="400").stdout == "3 400\n"


def test_redirection_vers_https_laissee_au_mandataire():
    code = "print(settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER)"
    lu = en_production(code, SECURE_SSL_REDIRECT="0", MANDATAIRES_INVERSES="1")

    assert lu.stdout == "False ('HTTP_X_FORWARDED_PROTO', 'https')\n"


def test_postgresql_garde_ses_connexions():
    lu = en_production("print(settings.DATABASES['default'])", DATABASE_URL="postgres://trpm:x@base/trpm")

    assert "'CONN_MAX_AGE': 600" in lu.stdout
    assert "'CONN_HEALTH_CHECKS': True" in lu.stdout


def test_sqlite_supporte_plusieurs_enseignants(tmp_path):
    code = """
from django.db import connection
lues = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
with connection.cursor() as curseur:
    print([curseur.execute(f"PRAGMA {nom}").fetchone()[0] for nom in lues], connection.transaction_mode)
"""
    base = f"sqlite:///{tmp_path}/base.sqlite3"
    lu = en_production(code, DATABASE_URL=base, DJANGO_SETTINGS_MODULE="trpm.settings")

    assert lu.stdout == "['wal', 1, 1, 20000] IMMEDIATE\n"


# --- Pages ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_sante_est_publique(client):
    reponse = client.get("/sante/")

    assert (reponse.status_code, reponse.text) == (200, "ok")
    assert "no-store" in reponse["Cache-Control"]


@pytest.mark.django_db
def test_tout_le_reste_demande_une_connexion(client):
    factories.utilisateur()
    assert client.get("/").url == "/connexion/?next=/"


def test_politique_de_contenu(client):
    directives = client.get("/connexion/")["Content-Security-Policy"].split("; ")

    assert sorted(directives) == [
        "base-uri 'self'",
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "object-src 'none'",
    ]


def test_une_page_se_compresse_sans_livrer_sa_longueur(client):
    """Le remplissage au hasard de Django et le jeton masqué à chaque réponse déjouent BREACH."""
    reponses = [client.get("/connexion/", headers={"accept-encoding": "gzip"}) for _ in range(12)]

    assert {reponse["Content-Encoding"] for reponse in reponses} == {"gzip"}
    assert len({len(reponse.content) for reponse in reponses}) > 1
    pages = {gzip.decompress(reponse.content) for reponse in reponses}
    assert len({page.split(b"csrfmiddlewaretoken")[0] for page in pages}) == 12
    assert (settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE) == ("Lax", "Lax")


# --- Connexion --------------------------------------------------------------------------------


@pytest.fixture
def compte(db, settings):
    settings.AXES_ENABLED = True
    return get_user_model().objects.create_user("prof", email="prof@example.fr", password=MOT_DE_PASSE)


def se_connecter(client, mot_de_passe, identifiant="prof", adresse="192.0.2.1"):
    saisie = {"username": identifiant, "password": mot_de_passe}
    return client.post("/connexion/", saisie, REMOTE_ADDR=adresse)


def test_connexion_puis_deconnexion(client, compte):
    reponse = se_connecter(client, MOT_DE_PASSE)

    assert reponse.url == "/"
    cookie = reponse.cookies["sessionid"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (43_200, True, "Lax")

    assert client.post("/deconnexion/").url == "/connexion/"
    assert client.get("/").status_code == 302


def test_mot_de_passe_faux(client, compte):
    reponse = se_connecter(client, "faux")

    assert reponse.status_code == 200
    assert "Saisissez un nom d’utilisateur et un mot de passe valides" in reponse.text.replace("&#x27;", "’")


def test_cinq_echecs_suspendent_ce_compte_depuis_cette_adresse(client, compte):
    get_user_model().objects.create_user("collegue", password=MOT_DE_PASSE)

    codes = [se_connecter(client, "faux").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 200, 429]

    suspendue = se_connecter(client, MOT_DE_PASSE)
    assert suspendue.status_code == 429
    assert "Connexion suspendue" in suspendue.text
    assert se_connecter(client, MOT_DE_PASSE, adresse="192.0.2.2").status_code == 302
    assert se_connecter(client, MOT_DE_PASSE, identifiant="collegue").status_code == 302


@pytest.mark.parametrize(("minutes", "code"), [(14, 429), (16, 302)])
def test_la_suspension_dure_quinze_minutes(client, compte, minutes, code):
    for _ in range(5):
        se_connecter(client, "faux")
    for echec in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=echec.pk).update(
            attempt_time=echec.attempt_time - timedelta(minutes=minutes)
        )

    assert se_connecter(client, MOT_DE_PASSE).status_code == code


@pytest.mark.parametrize(
    ("mandataires", "relais", "attendue"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
    ],
)
def test_adresse_du_client(settings, mandataires, relais, attendue):
    settings.MANDATAIRES_INVERSES = mandataires
    requete = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": relais})

    assert adresse_client(requete) == attendue


# --- Mot de passe -----------------------------------------------------------------------------


def test_changer_de_mot_de_passe(client, compte):
    client.force_login(compte)
    nouveau = "rectification-plane-31"
    saisie = {"old_password": MOT_DE_PASSE, "new_password1": nouveau, "new_password2": nouveau}

    reponse = client.post("/mot-de-passe/", saisie, follow=True)

    assert reponse.redirect_chain == [("/mot-de-passe/change/", 302)]
    compte.refresh_from_db()
    assert compte.check_password(nouveau)


def test_mot_de_passe_trop_court(client, compte):
    client.force_login(compte)
    saisie = {"old_password": MOT_DE_PASSE, "new_password1": "abc", "new_password2": "abc"}

    reponse = client.post("/mot-de-passe/", saisie)

    assert reponse.status_code == 200
    assert "au minimum 10 caractères" in reponse.text


def attendre_le_courriel():
    for fil in threading.enumerate():
        if fil.name == FIL:
            fil.join()


def test_mot_de_passe_oublie(client, compte, mailoutbox):
    reponse = client.post("/mot-de-passe/oublie/", {"email": "prof@example.fr"})

    assert reponse.url == "/mot-de-passe/oublie/envoye/"
    attendre_le_courriel()
    [message] = mailoutbox
    assert message.subject == "Votre mot de passe du livret TRPM"
    lien = message.body.split("testserver")[1].split()[0]
    page = client.get(lien, follow=True)
    nouveau = "rectification-plane-31"
    client.post(page.request["PATH_INFO"], {"new_password1": nouveau, "new_password2": nouveau})
    compte.refresh_from_db()
    assert compte.check_password(nouveau)
    assert "n’est plus valable" in client.get(lien, follow=True).text


def test_le_nom_du_produit_est_un_reglage(client, compte, mailoutbox, settings):
    settings.NOM_DU_PRODUIT = "Suivi STI"
    page = client.post("/mot-de-passe/oublie/", {"email": "prof@example.fr"}, follow=True).text
    attendre_le_courriel()
    assert "<title>" in page
    assert "TRPM" not in page
    assert mailoutbox[0].subject == "Votre mot de passe du suivi STI"


def test_mot_de_passe_oublie_ne_dit_pas_si_le_compte_existe(client, compte, mailoutbox):
    reponse = client.post("/mot-de-passe/oublie/", {"email": "inconnu@example.fr"})

    assert reponse.url == "/mot-de-passe/oublie/envoye/"
    attendre_le_courriel()
    assert mailoutbox == []
    assert client.get(reponse.url).status_code == 200


def test_connexion_deja_faite_renvoie_a_laccueil(client, compte):
    client.force_login(compte)

    assert client.get(reverse("connexion")).url == "/"
