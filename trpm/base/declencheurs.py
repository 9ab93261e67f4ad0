"""Ce que la base refuse ou compte d'elle-même, même pour qui lui parle sans l'application.

Chaque application déclare ses gardes et ses suivis. Ils sont posés après chaque `migrate` et levés avant :
SQLite recopie une table pour la modifier, ce qui perdrait un déclencheur ou buterait sur celui d'une autre.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate

REVISIONS = "trpm_revision"
MOMENTS = ("INSERT", "UPDATE", "DELETE")


class Declencheur(Protocol):
    """Ce qui se pose sur une table ; `noms` : ceux des déclencheurs, `ordres` : ce qui les crée."""

    @property
    def table(self) -> str: ...

    def noms(self, vendor: str) -> list[str]: ...

    def ordres(self, vendor: str) -> list[str]: ...


@dataclass(frozen=True)
class Garde:
    """`moment` : INSERT, UPDATE ou DELETE. Sans `condition`, toujours refusé ; `{differe}` y compare deux
    valeurs, vides comprises."""

    nom: str
    moment: str
    table: str
    message: str
    condition: str = ""

    def noms(self, vendor: str) -> list[str]:
        return [self.nom]

    def ordres(self, vendor: str) -> list[str]:
        return _sqlite(self) if vendor == "sqlite" else _postgresql(self)


@dataclass(frozen=True)
class Suivi:
    """Une écriture dans `table` avance la chose que dit `cle` : une colonne, `0` pour la commune, ou un
    `SELECT DISTINCT … AS cle` où `{ligne}` est la ligne écrite. `colonnes` : les seules dont le changement
    compte ; ajouter ou ôter une ligne ne change alors rien, à moins que les `lignes` comptent aussi."""

    table: str
    genre: str
    cle: str
    colonnes: tuple[str, ...] = ()
    lignes: bool = False

    @property
    def nom(self) -> str:
        return f"suivi_{self.genre}_{self.table}"[:55]

    def noms(self, vendor: str) -> list[str]:
        return (
            [f"{self.nom}_{moment.lower()}" for moment in self._moments] if vendor == "sqlite" else [self.nom]
        )

    def ordres(self, vendor: str) -> list[str]:
        return self._sqlite() if vendor == "sqlite" else self._postgresql()

    @property
    def _moments(self) -> Sequence[str]:
        return ("UPDATE",) if self.colonnes and not self.lignes else MOMENTS

    def _cles(self, *lignes: str) -> str:
        if self.cle == "0":
            return "SELECT 0 AS cle"
        choix = self.cle if " " in self.cle else f"SELECT {{ligne}}.{self.cle} AS cle"
        return " UNION ".join(choix.format(ligne=une) for une in lignes)

    def _change(self, differe: str) -> str:
        return " OR ".join(f"NEW.{une} {differe} OLD.{une}" for une in self.colonnes)

    def _sqlite(self) -> list[str]:
        pas = "1 + (random() & 4294967295)"
        change = f"WHEN {self._change('IS NOT')} " if self.colonnes else ""
        deja = f"SELECT 1 FROM {REVISIONS} r WHERE r.genre = '{self.genre}' AND r.cle = k.cle"  # noqa: S608 (aucune saisie)
        ordres = []
        for moment, nom in zip(self._moments, self.noms("sqlite"), strict=True):
            cles = self._cles(*{"INSERT": ("NEW",), "DELETE": ("OLD",)}.get(moment, ("OLD", "NEW")))
            quand = change if moment == "UPDATE" else ""
            ordres.append(
                f"CREATE TRIGGER {nom} AFTER {moment} ON {self.table} FOR EACH ROW {quand}BEGIN "  # noqa: S608
                f"UPDATE {REVISIONS} SET pas = pas + {pas} WHERE genre = '{self.genre}' AND cle IN ({cles}); "
                f"INSERT INTO {REVISIONS} (genre, cle, pas) SELECT '{self.genre}', k.cle, {pas} "
                f"FROM ({cles}) k WHERE k.cle IS NOT NULL AND NOT EXISTS ({deja}); END"
            )
        return ordres

    def _postgresql(self) -> list[str]:
        """La commune avance une fois par ordre, non par ligne : son compteur est le même pour toutes."""
        pas = "1 + floor(random() * 4294967296)::bigint"
        libre = (
            f"SELECT id FROM {REVISIONS} WHERE genre = '{self.genre}' AND cle = chose ORDER BY id LIMIT 1 "  # noqa: S608
            "FOR UPDATE SKIP LOCKED"
        )
        lignes = "STATEMENT" if self.cle == "0" and not self.colonnes else "ROW"
        change = self._change("IS DISTINCT FROM") or "TRUE"
        inchange = f"TG_OP = 'UPDATE' AND NOT ({change})"
        return [
            f"CREATE OR REPLACE FUNCTION {self.nom}() RETURNS trigger LANGUAGE plpgsql AS $suivi$ "  # noqa: S608
            f"DECLARE chose bigint; BEGIN IF {inchange} THEN RETURN NULL; END IF; "
            f"FOR chose IN SELECT k.cle FROM ({self._cles('OLD', 'NEW')}) k "
            f"WHERE k.cle IS NOT NULL LOOP UPDATE {REVISIONS} SET pas = pas + {pas} WHERE id = ({libre}); "
            f"IF NOT FOUND THEN INSERT INTO {REVISIONS} (genre, cle, pas) "
            f"VALUES ('{self.genre}', chose, {pas}); END IF; END LOOP; RETURN NULL; END $suivi$",
            f"CREATE TRIGGER {self.nom} AFTER {' OR '.join(self._moments)} ON {self.table} "
            f"FOR EACH {lignes} EXECUTE FUNCTION {self.nom}()",
        ]


def brancher(application: AppConfig, poses: Sequence[Declencheur]) -> None:
    """À appeler quand l'application est prête, une fois."""

    def avant(using: str, **autres: object) -> None:
        lever(connections[using], poses)
        _lever_les_suivis(connections[using])

    def apres(using: str, **autres: object) -> None:
        poser(connections[using], poses)

    pre_migrate.connect(avant, sender=application, weak=False, dispatch_uid=f"{application.label}-leves")
    post_migrate.connect(apres, sender=application, weak=False, dispatch_uid=f"{application.label}-poses")


def poser(base: BaseDatabaseWrapper, poses: Sequence[Declencheur]) -> None:
    presentes = set(base.introspection.table_names())
    if base.vendor not in ("sqlite", "postgresql") or not {un.table for un in poses} <= presentes:
        return
    lever(base, poses)
    with transaction.atomic(using=base.alias), base.cursor() as curseur:
        for un in poses:
            for ordre in un.ordres(base.vendor):
                curseur.execute(ordre)


def lever(base: BaseDatabaseWrapper, poses: Sequence[Declencheur]) -> None:
    presentes = set(base.introspection.table_names())
    with transaction.atomic(using=base.alias), base.cursor() as curseur:
        for un in poses:
            sur = f" ON {un.table}" if base.vendor == "postgresql" else ""
            for nom in un.noms(base.vendor) if un.table in presentes else ():
                curseur.execute(f"DROP TRIGGER IF EXISTS {nom}{sur}")


# Ceux que cette version ne déclare plus comptent aussi.
_SUIVIS_POSES = {
    "sqlite": "SELECT name, '' FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'suivi~_%' ESCAPE '~'",
    "postgresql": "SELECT tgname, ' ON ' || tgrelid::regclass FROM pg_trigger "
    "WHERE NOT tgisinternal AND tgname LIKE 'suivi~_%' ESCAPE '~'",
}


def _lever_les_suivis(base: BaseDatabaseWrapper) -> None:
    """De toutes les applications : chacune repose les siens après."""
    with transaction.atomic(using=base.alias), base.cursor() as curseur:
        curseur.execute(_SUIVIS_POSES[base.vendor])
        for nom, sur in curseur.fetchall():
            curseur.execute(f"DROP TRIGGER {nom}{sur}")


@contextmanager
def leves(base: BaseDatabaseWrapper, gardes: Sequence[Declencheur]) -> Iterator[None]:
    """Le temps d'une transaction que personne d'autre ne voit : dans l'application, seule la règle de
    conservation s'en sert."""
    with transaction.atomic(using=base.alias):
        lever(base, gardes)
        yield
        base.check_constraints()  # PostgreSQL ne repose rien sur une table dont une contrainte attend
        poser(base, gardes)


def _sqlite(garde: Garde) -> list[str]:
    quand = f"WHEN {garde.condition.format(differe='IS NOT')} " if garde.condition else ""
    return [
        f"CREATE TRIGGER {garde.nom} BEFORE {garde.moment} ON {garde.table} FOR EACH ROW {quand}"
        f"BEGIN SELECT RAISE(ABORT, '{garde.message}'); END"
    ]


def _postgresql(garde: Garde) -> list[str]:
    """La condition est dans la fonction : un `WHEN` de PostgreSQL n'admet pas de sous-requête."""
    condition = garde.condition.format(differe="IS DISTINCT FROM") or "TRUE"
    rendu = "OLD" if garde.moment == "DELETE" else "NEW"
    return [
        f"CREATE OR REPLACE FUNCTION {garde.nom}() RETURNS trigger LANGUAGE plpgsql AS $garde$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{garde.message}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {rendu}; END $garde$",
        f"CREATE TRIGGER {garde.nom} BEFORE {garde.moment} ON {garde.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {garde.nom}()",
    ]
