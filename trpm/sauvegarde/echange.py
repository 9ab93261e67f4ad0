"""Mettre une base neuve à la place d'une autre, d'un geste : un processus tué laisse l'une ou l'autre."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection, connections, transaction

SCHEMA = "restauration"


@contextmanager
def base_neuve(dossier: Path) -> Iterator[str]:
    """L'adresse d'une base vide, du même moteur ; oubliée ensuite."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{dossier / 'neuve.sqlite3'}"
        return
    oublier()
    with connection.cursor() as curseur:
        curseur.execute(f"CREATE SCHEMA {SCHEMA}")
    try:
        yield _adresse(connection.settings_dict)
    finally:
        oublier()


def oublier() -> None:
    """Ce qu'une restauration tuée laisserait à côté ; le fichier de SQLite part avec son dossier."""
    if connection.vendor != "sqlite":
        with connection.cursor() as curseur:
            curseur.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def _adresse(reglages: dict[str, Any]) -> str:
    compte = f"{quote(reglages['USER'])}:{quote(reglages['PASSWORD'])}".rstrip(":")
    hote = reglages["HOST"] or reglages["OPTIONS"].get("host", "")
    options = {cle: reglages["OPTIONS"][cle] for cle in ("sslmode",) if cle in reglages["OPTIONS"]}
    options |= {"host": hote, "port": str(reglages["PORT"] or 5432), "options": f"-csearch_path={SCHEMA}"}
    return f"postgresql://{compte}@/{quote(reglages['NAME'])}?{urlencode(options, quote_via=quote)}"


def echanger(dossier: Path) -> None:
    if connection.vendor == "sqlite":
        _copier_par_dessus(dossier / "neuve.sqlite3")
    else:
        _changer_de_schema()
    connections.close_all()


def _copier_par_dessus(neuve: Path) -> None:
    """Une seule transaction de SQLite, que ses autres lecteurs et écrivains attendent."""
    lieu = connection.settings_dict["NAME"]
    connection.close()
    with closing(sqlite3.connect(neuve)) as source, closing(sqlite3.connect(lieu, timeout=60)) as cible:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        source.backup(cible)


def _changer_de_schema() -> None:
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute("SELECT current_schema()")
        (ici,) = curseur.fetchone()
        for nom in _noms(curseur, ici, "pg_tables", "tablename"):
            curseur.execute(f'DROP TABLE "{ici}"."{nom}" CASCADE')
        fonctions = _fonctions(curseur, SCHEMA)
        for nom in set(_fonctions(curseur, ici)) & set(fonctions):
            curseur.execute(f'DROP FUNCTION "{ici}"."{nom}"() CASCADE')
        for nom in _noms(curseur, SCHEMA, "pg_tables", "tablename"):
            curseur.execute(f'ALTER TABLE {SCHEMA}."{nom}" SET SCHEMA "{ici}"')
        for nom in fonctions:
            curseur.execute(f'ALTER FUNCTION {SCHEMA}."{nom}"() SET SCHEMA "{ici}"')


def _noms(curseur: Any, schema: str, vue: str, colonne: str) -> list[str]:
    curseur.execute(f"SELECT {colonne} FROM {vue} WHERE schemaname = %s", [schema])  # noqa: S608
    return [nom for (nom,) in curseur.fetchall()]


def _fonctions(curseur: Any, schema: str) -> list[str]:
    """Celles des déclencheurs : les nôtres, sans argument."""
    curseur.execute(
        "SELECT proname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace "
        "WHERE nspname = %s AND prorettype = 'trigger'::regtype",
        [schema],
    )
    return [nom for (nom,) in curseur.fetchall()]
