"""Un décor bâti une fois par processus, puis reposé tel quel : le bâtir coûte plus que bien des tests."""

import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from trpm.models import Revision

Decor = TypeVar("Decor")
APPLICATIONS = ("certification", "livret", "referentiel", "trpm")
Lignes = dict[str, list[tuple[Any, ...]]]


class _Ecrit(pickle.Pickler):
    """Un objet du socle s'écrit par son nom : le décor reposé désigne celui du test, non une copie."""

    def __init__(self, sortie: BytesIO, socle: Mapping[str, Model]) -> None:
        super().__init__(sortie, pickle.HIGHEST_PROTOCOL)
        self.noms = {id(objet): nom for nom, objet in socle.items()}

    def persistent_id(self, objet: object) -> str | None:
        return self.noms.get(id(objet)) if isinstance(objet, Model) else None


class _Lu(pickle.Unpickler):
    def __init__(self, entree: BytesIO, socle: Mapping[str, Model]) -> None:
        super().__init__(entree)
        self.socle = socle

    def persistent_load(self, nom: str) -> Model:
        return self.socle[nom]


@dataclass(frozen=True)
class Moulage:
    """Les lignes d'un décor, table par table, et ses objets."""

    lignes: Lignes
    objets: bytes

    def reposer(self, socle: Mapping[str, Model]) -> Any:
        """Sans passer par Django, qui récrit chaque ordre : c'est là le coût d'un décor."""
        with transaction.atomic(), connection.cursor() as curseur:
            if connection.vendor == "postgresql":
                curseur.cursor.execute(self.texte)
            else:
                for insertion, rangees in self.lignes.items():
                    places = ", ".join("?" * len(rangees[0]))
                    connection.connection.executemany(f"{insertion} ({places})", rangees)
        return _Lu(BytesIO(self.objets), socle).load()

    @cached_property
    def texte(self) -> str:
        """Toutes les lignes en un seul envoi au serveur, puis chaque suite au moins à leur dernier numéro :
        une base rétablie entre-temps a pu la ramener en deçà."""
        with connection.cursor() as curseur:
            ordres, suites = [], []
            for insertion, rangees in self.lignes.items():
                place = ", ".join(["%s"] * len(rangees[0]))
                valeurs = ", ".join(curseur.mogrify(f"({place})", rangee).decode() for rangee in rangees)
                ordres.append(f"{insertion} {valeurs}")
                _, table, colonnes = insertion.split('"', 2)
                if colonnes.startswith(' ("id"') and (suite := _suite(curseur, table)):
                    dernier = max(rangee[0] for rangee in rangees)
                    suites.append(f"SELECT setval('{suite}', GREATEST(last_value, {dernier})) FROM {suite}")
            return "; ".join([*ordres, *suites])


def _suite(curseur: Any, table: str) -> str | None:
    curseur.execute("SELECT pg_get_serial_sequence(%s, 'id')", [f'"{table}"'])
    return curseur.fetchone()[0]


_moulages: dict[tuple[object, ...], Moulage | None] = {}


def mouler(nom: str, batir: Callable[[], Decor], socle: Mapping[str, Model] | None = None) -> Decor:
    """`socle` : les objets, nommés, de ce qui est déjà en base et sur quoi `batir` s'appuie.

    Un moulage ne se repose que sur la base où il fut pris : vide, ou qui ne porte que ce socle.
    """
    socle = socle or {}
    cle = (nom, *_effectifs(), *((quoi, objet.pk) for quoi, objet in socle.items()))
    if moulage := _moulages.get(cle):
        decor: Decor = moulage.reposer(socle)
        return decor
    if cle in _moulages:
        return batir()
    if not socle and any(_effectifs()):
        return batir()
    avant = lignes_en_base()
    bati = batir()
    _moulages[cle] = _pris(avant, lignes_en_base(), bati, socle)
    return bati


def _pris(avant: Lignes, apres: Lignes, bati: object, socle: Mapping[str, Model]) -> Moulage | None:
    """Rien si `batir` a changé une ligne déjà là : la reposer ne suffirait pas."""
    if any(set(rangees) - set(apres.get(insertion, ())) for insertion, rangees in avant.items()):
        return None
    sortie, anciennes = BytesIO(), {insertion: set(rangees) for insertion, rangees in avant.items()}
    _Ecrit(sortie, socle).dump(bati)
    nouvelles = {
        insertion: [rangee for rangee in rangees if rangee not in anciennes.get(insertion, ())]
        for insertion, rangees in apres.items()
    }
    return Moulage({quoi: rangees for quoi, rangees in nouvelles.items() if rangees}, sortie.getvalue())


@cache
def _tables() -> list[str]:
    modeles = (un._meta for un in apps.get_models(include_auto_created=True) if un is not Revision)
    return [un.db_table for un in modeles if un.app_label in APPLICATIONS]


def _effectifs() -> tuple[int, ...]:
    with connection.cursor() as curseur:
        curseur.execute("SELECT " + ", ".join(f'(SELECT count(*) FROM "{table}")' for table in _tables()))
        return tuple(curseur.fetchone())


def lignes_en_base() -> Lignes:
    return dict(_lues())


def _lues() -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    with connection.cursor() as curseur:
        for table in _tables():
            curseur.execute(f'SELECT * FROM "{table}"')
            if rangees := curseur.fetchall():
                colonnes = [une[0] for une in curseur.description]
                noms = ", ".join(f'"{nom}"' for nom in colonnes)
                yield f'INSERT INTO "{table}" ({noms}) VALUES', rangees
