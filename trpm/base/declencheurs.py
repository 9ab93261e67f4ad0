"""Ce que la base refuse d'elle-même, même à qui lui parle sans passer par l'application.

Chaque application déclare ses gardes. Elles sont posées après chaque `migrate` et levées avant : SQLite
recopie une table pour la modifier, ce qui perdrait un déclencheur ou buterait sur celui d'une autre table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate


@dataclass(frozen=True)
class Garde:
    """`moment` : INSERT, UPDATE ou DELETE. Sans `condition`, toujours refusé ; `{differe}` y compare deux
    valeurs, vides comprises."""

    nom: str
    moment: str
    table: str
    message: str
    condition: str = ""


def brancher(application: AppConfig, gardes: Sequence[Garde]) -> None:
    """À appeler quand l'application est prête."""

    def avant(using: str, **autres: object) -> None:
        lever(connections[using], gardes)

    def apres(using: str, **autres: object) -> None:
        poser(connections[using], gardes)

    pre_migrate.connect(avant, sender=application, weak=False, dispatch_uid=f"{application.label}-leves")
    post_migrate.connect(apres, sender=application, weak=False, dispatch_uid=f"{application.label}-poses")


def poser(base: BaseDatabaseWrapper, gardes: Sequence[Garde]) -> None:
    presentes = set(base.introspection.table_names())
    if not {garde.table for garde in gardes} <= presentes:
        return
    lever(base, gardes)
    ecrire = {"sqlite": _sqlite, "postgresql": _postgresql}.get(base.vendor)
    if ecrire is not None:
        with base.cursor() as curseur:
            for garde in gardes:
                ecrire(curseur, garde)


def lever(base: BaseDatabaseWrapper, gardes: Sequence[Garde]) -> None:
    presentes = set(base.introspection.table_names())
    with base.cursor() as curseur:
        for garde in gardes:
            if base.vendor == "sqlite":
                curseur.execute(f"DROP TRIGGER IF EXISTS {garde.nom}")
            elif base.vendor == "postgresql" and garde.table in presentes:
                curseur.execute(f"DROP TRIGGER IF EXISTS {garde.nom} ON {garde.table}")


@contextmanager
def leves(base: BaseDatabaseWrapper, gardes: Sequence[Garde]) -> Iterator[None]:
    """Le temps d'une transaction que personne d'autre ne voit : seule la règle de conservation s'en sert."""
    with transaction.atomic(using=base.alias):
        lever(base, gardes)
        yield
        base.check_constraints()  # PostgreSQL ne repose rien sur une table dont une contrainte attend
        poser(base, gardes)


def _sqlite(curseur: Any, garde: Garde) -> None:
    quand = f"WHEN {garde.condition.format(differe='IS NOT')} " if garde.condition else ""
    curseur.execute(
        f"CREATE TRIGGER {garde.nom} BEFORE {garde.moment} ON {garde.table} FOR EACH ROW {quand}"
        f"BEGIN SELECT RAISE(ABORT, '{garde.message}'); END"
    )


def _postgresql(curseur: Any, garde: Garde) -> None:
    """La condition est dans la fonction : un `WHEN` de PostgreSQL n'admet pas de sous-requête."""
    condition = garde.condition.format(differe="IS DISTINCT FROM") or "TRUE"
    rendu = "OLD" if garde.moment == "DELETE" else "NEW"
    curseur.execute(
        f"CREATE OR REPLACE FUNCTION {garde.nom}() RETURNS trigger LANGUAGE plpgsql AS $garde$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{garde.message}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {rendu}; END $garde$"
    )
    curseur.execute(
        f"CREATE TRIGGER {garde.nom} BEFORE {garde.moment} ON {garde.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {garde.nom}()"
    )
