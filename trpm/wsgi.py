"""Application WSGI servie par gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trpm.settings")

application = get_wsgi_application()

# Ce qui est chargé au démarrage reste : le ramasse-miettes n’a plus à le parcourir à chaque passage.
gc.freeze()
