"""Application WSGI servie par gunicorn."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import get_resolver

from trpm.garde.confidentialite import taire_les_secrets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trpm.settings")

application = get_wsgi_application()
# Une restauration interrompue se finit ici.
import_module("trpm.sauvegarde.retablir").achever()
# Le code d’une installation neuve ; la connexion qu’il a prise ne passe pas d’un processus à l’autre.
import_module("livret.ouverture.annonce").annoncer()
connections.close_all()
taire_les_secrets("gunicorn.access", "gunicorn.error")

# Ce qui est chargé au démarrage, adresses et vues comprises, reste : le ramasse-miettes n’a plus à le
# parcourir à chaque passage, un sixième du temps d’une grille. Il passe aussi moins souvent : une grille en
# fait huit mille objets, que la fin de la page jette d’elle-même.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)
