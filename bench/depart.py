"""Ce que coûte un départ : bâtir une base vide ; charger l'application comme un processus qui la sert."""

import time
from typing import Any

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.urls import get_resolver

from bench.processus import memoire_au_plus_haut
from bench.tailles import Taille


def mesurer(taille: Taille, *, batir: bool) -> dict[str, Any]:
    """L'un ou l'autre, en secondes de processeur, sans celui du serveur de base de données ; `trpm.wsgi`,
    lui, ouvrirait l'installation. Qui sert n'a pas bâti la base : il n'en porte pas la mémoire."""
    if batir:
        debut = time.process_time()
        call_command("migrate", verbosity=0)
        return {"batir": time.process_time() - debut}
    get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018 (toutes les vues se chargent)
    charger = time.process_time()
    version = ".".join(map(str, connection.get_database_version()))
    return {
        "serveur": f"{connection.display_name} {version}",
        "charger": charger,
        "memoire": memoire_au_plus_haut(),
    }
