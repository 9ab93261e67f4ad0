"""Réglages du projet : seul endroit où l’environnement est lu.

Les variables et leurs valeurs par défaut sont décrites dans `docs/exploitation.md`.
"""

import re
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

SECRET_KEY = env.str("SECRET_KEY", default="")
# Sans rien de réglé, une commande manage.py ou un test travaille en local ; un serveur, lui, refuse.
COMMANDE_LOCALE = Path(sys.argv[0]).name == "manage.py" and not SECRET_KEY
DEBUG = env.bool("DEBUG", default="pytest" in sys.modules or COMMANDE_LOCALE)
ALLOWED_HOSTS = [hote for hote in env.list("ALLOWED_HOSTS", default=[]) if hote]

if DEBUG:
    SECRET_KEY = SECRET_KEY or "cle-de-developpement-sans-valeur-en-production"
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
else:
    for nom, valeur in {"SECRET_KEY": SECRET_KEY, "ALLOWED_HOSTS": ALLOWED_HOSTS}.items():
        if not valeur:
            raise ImproperlyConfigured(
                f"La variable d’environnement {nom} est obligatoire en production. "
                "Renseignez-la (voir docs/exploitation.md) ou posez DEBUG=1 pour un essai local."
            )


def _reparti(reglage: str, *modules: str) -> str:
    """Un réglage de plusieurs machines, dont les paquets ne s’installent pas d’office."""
    valeur: str = env.str(reglage, default="")
    if valeur and not all(map(find_spec, modules)):
        raise ImproperlyConfigured(
            f"{reglage} demande des paquets qui ne s’installent pas d’office\xa0: "
            "lancez .ci/installer reparti."
        )
    return valeur


# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "certification",
    "livret",
    "referentiel",
    "trpm",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "trpm.apps.FichiersPublies",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "bootstrap",
    "crispy_bootstrap5",
    "crispy_forms",
    "csp",
    "django_htmx",
    "django_q",
    "simple_history",
]

MIDDLEWARE = [
    # Les en-têtes de sûreté d’abord : ce qui tombe plus bas les reçoit encore.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "trpm.garde.confidentialite.PagesPriveesMiddleware",
    "trpm.garde.erreurs.ErreursMiddleware",
    "trpm.garde.entree.EntreePropreMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "trpm.acces.SessionFinieMiddleware",
    "trpm.garde.heure.HeureLocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "trpm.comptes.exigences.ExigencesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "trpm.impression.documents.PangoAbsentMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "trpm.urls"
WSGI_APPLICATION = "trpm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "trpm.templatetags.adresses",
                "trpm.templatetags.application",
                "trpm.templatetags.dates",
                "trpm.templatetags.jetons",
                "trpm.templatetags.textes",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# La grille d’une classe envoyée sans JavaScript compte une case par élève et par compétence détaillée.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Base de données --------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ADRESSE_DE_LA_BASE = env.str("DATABASE_URL", default="") or f"sqlite:///{BASE_DIR / 'trpm.sqlite3'}"
DATABASES = {"default": env.db_url_config(ADRESSE_DE_LA_BASE)}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Sans ces réglages, deux enseignants qui enregistrent ensemble rencontrent « database is locked ».
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Le journal se recopie dans la base tous les 40 Mo : moins, une saisie sur cinquante attend.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA wal_autocheckpoint=10000",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Une base injoignable se dit en quelques secondes, non au bout de deux minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DATABASES["default"]["CONN_MAX_AGE"] = 600

# --- Tâches de fond ---------------------------------------------------------------------------

# Une tâche non rendue après tant de secondes va à un autre ouvrier ; les plus longues ont leur délai.
# LOTS_BAIL et LOTS_OUVRIERS, leurs noms d’avant, sont encore lus.
TACHES_BAIL = env.int("TACHES_BAIL", default=env.int("LOTS_BAIL", default=120))
TACHES_OUVRIERS = env.int("TACHES_OUVRIERS", default=env.int("LOTS_OUVRIERS", default=1))
# La file est dans la base ; ou dans Redis, si son adresse est donnée.
REDIS_DES_TACHES = _reparti("REDIS_DES_TACHES", "redis")
Q_CLUSTER = {
    "name": "trpm",
    "label": "Tâches de fond",
    "broker_class": "trpm.taches.en_redis.EnRedis" if REDIS_DES_TACHES else "trpm.taches.courtiers.EnBase",
    "orm": "default",
    "redis": REDIS_DES_TACHES,
    "workers": TACHES_OUVRIERS,
    "timeout": TACHES_BAIL - 10,
    "retry": TACHES_BAIL,
    "max_attempts": 3,
    "save_limit": -1,  # d’une tâche réussie, rien ne se garde
    "queue_limit": 1,  # un ouvrier ne réserve pas ce qu’un autre pourrait faire
    "bulk": 1,
    "catch_up": False,
}

# --- Langue et formats ------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_THOUSAND_SEPARATOR = False

# --- Fichiers ---------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("gz", "br", "png", "webp", "woff", "woff2", "map")
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "media"))

# Les fichiers d’un lot de documents s’effacent après tant de jours.
LOTS_JOURS = env.int("LOTS_JOURS", default=7)

# Où l’ouvrier sauvegarde chaque nuit, combien il en garde, et la phrase de passe qui les chiffre.
SAUVEGARDES = env.path("SAUVEGARDES", default=str(BASE_DIR / "sauvegardes"))
SAUVEGARDES_GARDEES = env.int("SAUVEGARDES_GARDEES", default=14)
SAUVEGARDES_PHRASE = env.str("SAUVEGARDES_PHRASE", default="")

# Graine de 32 octets, en hexadécimal, de la clé qui signe les archives ; vide, elle se déduit de SECRET_KEY.
CLE_ARCHIVE = env.str("CLE_ARCHIVE", default="").lower()
if CLE_ARCHIVE and not re.fullmatch("[0-9a-f]{64}", CLE_ARCHIVE):
    raise ImproperlyConfigured(
        "CLE_ARCHIVE doit compter 64 chiffres hexadécimaux (voir docs/exploitation.md)."
    )

# Les pièces déposées : dans MEDIA_ROOT ; ou dans un seau S3, que plusieurs machines partagent :
# s3://seau?endpoint_url=https://…&region_name=…, la clé dans AWS_ACCESS_KEY_ID et AWS_SECRET_ACCESS_KEY.
FICHIERS_S3 = _reparti("FICHIERS_S3", "boto3", "storages")
_S3 = urlsplit(FICHIERS_S3)

STORAGES = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": _S3.netloc, "file_overwrite": False, **dict(parse_qsl(_S3.query))},
    }
    if FICHIERS_S3
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Chaque processus garde les morceaux de page que tous partagent, sauf en développement, où ils changent. À
# part, car ce qui déborde s’oublie : les essais de mot de passe, comptés à côté, ne leur cèdent pas la place.
MEMOIRE = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": {"BACKEND": MEMOIRE},
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.dummy.DummyCache" if DEBUG else MEMOIRE,
        "LOCATION": "morceaux",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

# --- Comptes et sessions ----------------------------------------------------------------------

AUTH_USER_MODEL = "livret.Utilisateur"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "trpm.comptes.session.ComptesOuverts",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Connexion en deux temps, sessions, mot de passe redemandé : django-allauth, sans inscription ni courriel.
ACCOUNT_ADAPTER = "trpm.comptes.adaptateurs.AdaptateurDesComptes"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa", "annuaire"]
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
MFA_ADAPTER = "trpm.comptes.adaptateurs.AdaptateurDuSecondFacteur"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "activate_totp": "trpm.comptes.second_facteur.ApplicationForm",
    "add_webauthn": "trpm.comptes.second_facteur.CleForm",
}
# Un lycée sort souvent par une seule adresse réseau.
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
# Annuaires d’établissement, éteints tant que leur serveur n’est pas nommé. L’attribut de la personne (vide,
# pour CAS : son identifiant) désigne par ce champ un compte qui existe ; rien n’en crée.
CHAMPS_D_ANNUAIRE = ("identifiant", "courriel", "annuaire", "ine")
CAS_SERVEUR = env.str("CAS_SERVEUR", default="")
CAS_SERVEUR = CAS_SERVEUR and CAS_SERVEUR.rstrip("/") + "/"
CAS_NOM = env.str("CAS_NOM", default="l’ENT")
CAS_ATTRIBUT = env.str("CAS_ATTRIBUT", default="")
CAS_CHAMP = env.str("CAS_CHAMP", default="annuaire")
OIDC_EMETTEUR = env.str("OIDC_EMETTEUR", default="")
OIDC_NOM = env.str("OIDC_NOM", default="le portail")
OIDC_CLIENT = env.str("OIDC_CLIENT", default="")
OIDC_SECRET = env.str("OIDC_SECRET", default="")
OIDC_PORTEES = env.str("OIDC_PORTEES", default="openid profile email")
OIDC_ATTRIBUT = env.str("OIDC_ATTRIBUT", default="sub")
OIDC_CHAMP = env.str("OIDC_CHAMP", default="annuaire")
ANNUAIRES = [nom for nom, serveur in {"cas": CAS_SERVEUR, "oidc": OIDC_EMETTEUR}.items() if serveur]
for nom, serveur, champ in (("CAS", CAS_SERVEUR, CAS_CHAMP), ("OIDC", OIDC_EMETTEUR, OIDC_CHAMP)):
    if serveur and not DEBUG and not serveur.startswith("https://"):
        raise ImproperlyConfigured(f"L’adresse du serveur {nom} doit commencer par https://.")
    if champ not in CHAMPS_D_ANNUAIRE:
        raise ImproperlyConfigured(f"{nom}_CHAMP doit être l’un de\xa0: {', '.join(CHAMPS_D_ANNUAIRE)}.")

# Un acte de `ACTES_DESTRUCTEURS` redemande qui l’on est.
REDEMANDER_LE_MOT_DE_PASSE = True

# Nom sous lequel l’installation se présente : pages, titres, courriels.
NOM_DU_PRODUIT = env.str("NOM_DU_PRODUIT", default="Livret TRPM")

# Ce que les pages légales disent de cette installation ; un réglage vide se dit.
MENTIONS = {
    "editeur": env.str("EDITEUR", default=""),
    "publication": env.str("DIRECTEUR_DE_PUBLICATION", default=""),
    "hebergeur": env.str("HEBERGEUR", default=""),
    "contact": env.str("CONTACT", default=""),
    "donnees": env.str("CONTACT_DONNEES", default=""),
    "conservation": env.str("CONSERVATION", default=""),
    "audit": env.str("AUDIT_ACCESSIBILITE", default=""),
}

# Mot de passe des comptes de démonstration ; tiré au hasard s’il est vide.
# Lien « code source » du pied de page : la licence demande de l’offrir aux personnes qui s’en servent.
ADRESSE_DU_CODE = env.str("ADRESSE_DU_CODE", default="")

# Adresse publique du site, écrite dans le QR code des documents figés ; vide : celle de la requête.
ADRESSE_DU_SITE = env.str("ADRESSE_DU_SITE", default="").rstrip("/")

DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")

LOGIN_URL = "connexion"
LOGIN_REDIRECT_URL = "accueil"
LOGOUT_REDIRECT_URL = "connexion"

SESSION_ENGINE = "trpm.comptes.session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "trpm.garde.erreurs.jeton_perdu"
CSRF_COOKIE_SECURE = not DEBUG
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Cinq échecs pour un même compte depuis une même adresse : quinze minutes d’attente.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/verrouillage.html"
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "trpm.garde.reseau.adresse_client"
AXES_VERBOSE = False

# --- Réseau -----------------------------------------------------------------------------------

# Nombre de mandataires inverses placés devant l’application : 0 quand elle reçoit les clients elle-même.
MANDATAIRES_INVERSES = env.int("MANDATAIRES_INVERSES", default=0)
if MANDATAIRES_INVERSES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "base-uri": [SELF],
        # Se déconnecter mène à la sortie de l’annuaire, quand il y en a un.
        "form-action": [SELF, *("/".join(un.split("/")[:3]) for un in (CAS_SERVEUR, OIDC_EMETTEUR) if un)],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- Courriel et journaux ---------------------------------------------------------------------

vars().update(env.email("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://localhost:25"))
# Un serveur muet ne retient pas la personne qui attend la page.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="trpm@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"ligne": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"sans_secret": {"()": "trpm.garde.confidentialite.SansSecret"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "ligne", "filters": ["sans_secret"]}
    },
    "root": {"handlers": ["console"], "level": env.str("NIVEAU_JOURNAL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django-q": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
