"""Réglages communs des tests ; les personnes et les classes sont dans `tests/factories/`."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import ConsoleMessage, Page, expect

import certification.declencheurs
import livret.declencheurs
import trpm.journal.declencheurs
from tests.ecran import PATIENCE
from tests.tirage_blanc import sans_mise_en_page
from trpm.base import declencheurs
from trpm.impression import memoire

pytest_plugins = ["tests.base_neuve", "tests.monde", "tests.ordre", "tests.rejeu"]

GARDEES = ("django_content_type", "auth_permission")
GARDES = (*certification.declencheurs.GARDES, *livret.declencheurs.GARDES, *trpm.journal.declencheurs.GARDES)
BASES = ("db", "transactional_db", "django_db_setup", "live_server")
CAPTURES = Path(settings.BASE_DIR) / "captures"
ORDINATEUR = {"width": 1280, "height": 900}
TELEPHONE = {"width": 390, "height": 844}
NAVIGATEURS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Le même moteur sans ses fenêtres d’abord : ouvrir une page y coûte six fois moins."""

# Playwright tient une boucle d’événements ouverte ; Django la prend pour du code asynchrone.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

hypothesis_settings.register_profile("trpm", deadline=None, derandomize=True)
hypothesis_settings.load_profile("trpm")


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_ENABLED = False  # chaque connexion lirait et viderait le compte des échecs
    settings.REDEMANDER_LE_MOT_DE_PASSE = False  # éprouvé à part : tests/comptes/test_actes_destructeurs.py
    settings.MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="trpm-medias-"))
    settings.CACHES["template_fragments"]["BACKEND"] = settings.MEMOIRE  # comme en service
    config.add_cleanup(lambda: shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True))


def pytest_report_header(config: pytest.Config) -> str:
    base = connections["default"]
    lieu = base.settings_dict["HOST"] or base.settings_dict["OPTIONS"].get("host", "")
    return f"base de données : {base.display_name} {lieu}".strip()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Les plus longs d’abord : le dernier processus n’attend pas qu’un seul test finisse.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        if item.path.stem.endswith("navigateur"):
            item.add_marker(pytest.mark.navigateur)
        if lit_une_base(item):
            item.add_marker(pytest.mark.base)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Six mille tests rassemblés ne se jettent plus : le ramasse-miettes n’a pas à les relire sans fin."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def lit_une_base(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or any(nom in fixtures for nom in BASES)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Une base SQLite sur disque : un navigateur et le test ne peuvent pas partager une base en mémoire."""
    base = connections["default"]
    if base.vendor == "sqlite":
        base.settings_dict["TEST"]["NAME"] = f"{tempfile.gettempdir()}/trpm-test-{os.getpid()}.sqlite3"
        base.settings_dict["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"  # elle peut se perdre


def _vide_ligne_a_ligne(base: BaseDatabaseWrapper) -> bool:
    """Un TRUNCATE écrit sur le disque un fichier par table : pour quelques lignes, DELETE va cent fois plus
    vite. Sauter déclencheurs et clés étrangères demande d'être superutilisateur ; faux sinon."""
    with transaction.atomic(using=base.alias), base.cursor() as curseur:
        curseur.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not curseur.fetchone()[0]:
            return False
        curseur.execute("SET LOCAL session_replication_role = replica")
        for table in base.introspection.django_table_names(only_existing=True, include_views=False):
            if table not in GARDEES:
                curseur.execute(f'DELETE FROM "{table}"')
    return True


@pytest.fixture(autouse=True)
def _sans_document_garde() -> None:
    memoire.oublier_tout()


@pytest.fixture(scope="session", autouse=True)
def vider_malgre_les_declencheurs() -> Iterator[None]:
    """Entre deux tests de navigateur, la base se vide : sous SQLite, par des DELETE que ses déclencheurs
    refusent. Ils sont levés pour ce seul geste. Ce que `post_migrate` referait, neuf dixièmes du temps, reste
    en place ; il ne rejoue qu'après un TRUNCATE, qui emporte tout."""
    vider, annoncer = BaseDatabaseOperations.execute_sql_flush, flush.emit_post_migrate_signal
    emportees: list[bool] = []

    def leves(self: BaseDatabaseOperations, instructions: list[str]) -> None:
        if self.connection.vendor == "postgresql":
            if not _vide_ligne_a_ligne(self.connection):
                vider(self, instructions)
                emportees.append(True)
            return
        declencheurs.lever(self.connection, GARDES)
        vider(self, [une for une in instructions if not any(f'"{table}"' in une for table in GARDEES)])
        declencheurs.poser(self.connection, GARDES)

    def au_besoin(*arguments: object, **options: object) -> None:
        if emportees:
            emportees.clear()
            annoncer(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", leves)
        patch.setattr(flush, "emit_post_migrate_signal", au_besoin)
        yield


@pytest.fixture
def sans_mise_en_page_sur_postgresql() -> Iterator[None]:
    """Ce qu’un document montre vient de la base ; où cela tombe sur la page, non : SQLite l’a éprouvé.

    Pour un parcours qui tire beaucoup de documents et n’en lit que les mots."""
    blanc = sans_mise_en_page() if connections["default"].vendor == "postgresql" else nullcontext()
    with blanc:
        yield


# --- Navigateur -------------------------------------------------------------------------------

expect.set_options(timeout=1000 * PATIENCE)


def chromium(*noms: str) -> str:
    trouve = next(filter(None, map(shutil.which, noms)), None)
    if trouve is None:
        pytest.skip(f"Chromium est introuvable : apt-get install {noms[0]}")
    return trouve


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Le Chromium du système, sans aucune requête de son propre chef."""
    return {
        "executable_path": chromium(*NAVIGATEURS),
        "headless": True,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture
def ouvrir_page(new_context, live_server) -> Iterator[Callable[..., Page]]:
    """Ouvre une page sur le serveur de test ; une erreur de script ou de CSP fait échouer le test."""
    erreurs: list[str] = []

    def noter(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            erreurs.append(message.text)

    def ouvrir(taille: dict[str, int] = ORDINATEUR, **options: object) -> Page:
        contexte = new_context(
            base_url=live_server.url,
            viewport=taille,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            **options,
        )
        contexte.set_default_timeout(1000 * PATIENCE)
        page = contexte.new_page()
        page.on("console", noter)
        page.on("pageerror", lambda erreur: erreurs.append(str(erreur)))
        return page

    yield ouvrir
    assert erreurs == []


@pytest.fixture
def page(ouvrir_page: Callable[..., Page]) -> Page:
    return ouvrir_page(ORDINATEUR)


@pytest.fixture
def telephone(ouvrir_page: Callable[..., Page]) -> Page:
    return ouvrir_page(TELEPHONE, has_touch=True)


@pytest.fixture
def connecter(live_server) -> Callable[[Page, object], None]:
    """Ouvre la session d’une personne dans une page, sans passer par le formulaire."""

    def ouvrir_session(page: Page, utilisateur: object) -> None:
        client = Client()
        client.force_login(utilisateur)
        cle = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cle, "url": live_server.url}]
        )

    return ouvrir_session


@pytest.fixture
def capturer() -> Callable[[Page, str], Path]:
    """Photographie une page entière dans `captures/`, que git ignore."""

    def photographier(page: Page, nom: str) -> Path:
        CAPTURES.mkdir(exist_ok=True)
        chemin = CAPTURES / f"{nom}.png"
        page.wait_for_load_state()
        page.screenshot(path=chemin, full_page=True)
        return chemin

    return photographier
