"""Application WSGI servie par gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

from trpm.garde.confidentialite import taire_les_secrets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trpm.settings")

application = get_wsgi_application()
import_string("trpm.sauvegarde.retablir.achever")()  # une restauration interrompue se finit ici
taire_les_secrets("gunicorn.access", "gunicorn.error")

# Ce qui est chargé au démarrage, adresses et vues comprises, reste : le ramasse-miettes n’a plus à le
# parcourir à chaque passage, un sixième du temps d’une grille.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
