"""Le schéma d'une base, tel que son moteur le décrit : de quoi comparer deux bases."""

import re
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

# SQLite ne nomme pas une clé étrangère : son rang en tient lieu ; ailleurs, sa colonne suffit à la retrouver.
NUMERO = re.compile(r"fk_\d+|__.*__")
DECLENCHEURS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT DISTINCT trigger_name, event_object_table FROM information_schema.triggers",
}


def schema(base: BaseDatabaseWrapper = connection) -> dict[str, Any]:
    """Colonnes, contraintes, index et déclencheurs, par table ; l'ordre des colonnes n'y est pas."""
    with base.cursor() as curseur:
        lu: dict[str, Any] = {
            table: {
                "colonnes": sorted(
                    [une.name, str(une.type_code), une.null_ok]
                    for une in base.introspection.get_table_description(curseur, table)
                ),
                "contraintes": sorted(
                    [
                        "" if une["foreign_key"] or NUMERO.fullmatch(nom) else nom,
                        sorted(une["columns"] or []),
                        une["primary_key"],
                        une["unique"],
                        bool(une["check"]),
                        list(une["foreign_key"] or ()),
                    ]
                    for nom, une in base.introspection.get_constraints(curseur, table).items()
                ),
            }
            for table in base.introspection.table_names(curseur)
            if table != "django_migrations"
        }
        curseur.execute(DECLENCHEURS[base.vendor])
        lu["declencheurs"] = sorted(map(list, curseur.fetchall()))
    return lu
