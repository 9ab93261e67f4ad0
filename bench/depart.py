"""Ce que coûte un départ : bâtir une base vide, puis charger l'application comme un processus qui la sert."""

import time
from typing import Any

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.urls import get_resolver

from bench.processus import memoire_au_plus_haut
from bench.tailles import Taille


def mesurer(taille: Taille) -> dict[str, Any]:
    """En secondes de processeur, sans celui du serveur de base de données ; `trpm.wsgi`, lui, ouvrirait
    l'installation."""
    debut = time.process_time()
    call_command("migrate", verbosity=0)
    batir = time.process_time() - debut
    get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018 (toutes les vues se chargent)
    version = ".".join(map(str, connection.get_database_version()))
    return {
        "serveur": f"{connection.display_name} {version}",
        "batir": batir,
        "charger": time.process_time() - batir,
        "memoire": memoire_au_plus_haut(),
    }
