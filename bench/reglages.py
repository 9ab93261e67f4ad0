"""Réglages du projet, à l’adresse de la vue la plus simple et aux fichiers statiques près."""

from trpm.settings import *  # noqa: F403
from trpm.settings import STORAGES

ROOT_URLCONF = "bench.adresses"

# Le manifeste des fichiers statiques demanderait un collectstatic ; rien de mesuré ici n’en dépend.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
