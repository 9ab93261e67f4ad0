"""Ce que la base refuse d'elle-même, même à qui lui parle sans passer par l'application.

Une version figée ne se modifie pas (sauf, une fois, sa réouverture) et ne s'efface pas ; un dossier figé
et ses décisions non plus. Posés après chaque `migrate` et levés avant : SQLite recopie une table pour la
modifier, ce qui perdrait un déclencheur ou buterait sur celui d'une autre table.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

VERSION = "certification_versionfigee"
DECISION = "certification_decision"
DOSSIER = "certification_dossier"
CITATION = "certification_tracecitee"

FIGE = "Ce dossier est figé : la base refuse de le modifier."
INTACTE = "Une version figée ne se modifie pas et ne s’efface pas."

_IMMUABLES = ("id", "dossier_id", "numero", "contenu", "empreinte", "figee_le", "figee_par_id")


def _change(egal: str) -> str:
    modifiee = " OR ".join(f"NEW.{champ} {egal} OLD.{champ}" for champ in _IMMUABLES)
    return f"OLD.rouverte_le IS NOT NULL OR {modifiee}"


def _fige(dossier: str) -> str:
    en_vigueur = f"v.dossier_id = {dossier} AND v.rouverte_le IS NULL"
    return f"EXISTS (SELECT 1 FROM {VERSION} v WHERE {en_vigueur})"  # noqa: S608 (aucune saisie)


def _gardes(egal: str) -> list[tuple[str, str, str, str, str]]:
    """Nom, moment, table, condition, message."""
    return [
        ("version_intacte", "UPDATE", VERSION, _change(egal), INTACTE),
        ("version_gardee", "DELETE", VERSION, "", INTACTE),
        ("citation_intacte", "UPDATE", CITATION, "", INTACTE),
        ("citation_gardee", "DELETE", CITATION, "", INTACTE),
        ("decision_ajoutee", "INSERT", DECISION, _fige("NEW.dossier_id"), FIGE),
        (
            "decision_changee",
            "UPDATE",
            DECISION,
            f"{_fige('OLD.dossier_id')} OR {_fige('NEW.dossier_id')}",
            FIGE,
        ),
        ("decision_otee", "DELETE", DECISION, _fige("OLD.dossier_id"), FIGE),
        ("dossier_change", "UPDATE", DOSSIER, _fige("OLD.id"), FIGE),
    ]


def poser(base: BaseDatabaseWrapper) -> None:
    presentes = set(base.introspection.table_names())
    if not {VERSION, DECISION, DOSSIER, CITATION} <= presentes:
        return
    lever(base)
    ecrire = {"sqlite": _sqlite, "postgresql": _postgresql}.get(base.vendor)
    if ecrire is not None:
        with base.cursor() as curseur:
            ecrire(curseur)


def lever(base: BaseDatabaseWrapper) -> None:
    presentes = set(base.introspection.table_names())
    with base.cursor() as curseur:
        for nom, _, table, _, _ in _gardes(""):
            if base.vendor == "sqlite":
                curseur.execute(f"DROP TRIGGER IF EXISTS {nom}")
            elif base.vendor == "postgresql" and table in presentes:
                curseur.execute(f"DROP TRIGGER IF EXISTS {nom} ON {table}")


def _sqlite(curseur: Any) -> None:
    for nom, moment, table, condition, message in _gardes("IS NOT"):
        quand = f"WHEN {condition} " if condition else ""
        curseur.execute(
            f"CREATE TRIGGER {nom} BEFORE {moment} ON {table} FOR EACH ROW {quand}"
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def _postgresql(curseur: Any) -> None:
    """La condition est dans la fonction : un `WHEN` de PostgreSQL n'admet pas de sous-requête."""
    for nom, moment, table, condition, message in _gardes("IS DISTINCT FROM"):
        rendu = "OLD" if moment == "DELETE" else "NEW"
        curseur.execute(
            f"CREATE OR REPLACE FUNCTION {nom}() RETURNS trigger LANGUAGE plpgsql AS $garde$ BEGIN "
            f"IF {condition or 'TRUE'} THEN RAISE EXCEPTION '{message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {rendu}; END $garde$"
        )
        curseur.execute(
            f"CREATE TRIGGER {nom} BEFORE {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {nom}()"
        )


def avant_migrate(using: str, **autres: object) -> None:
    lever(connections[using])


def apres_migrate(using: str, **autres: object) -> None:
    poser(connections[using])
