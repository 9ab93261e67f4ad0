"""Des requêtes traduites en SQL une fois par connexion, pour ce qui se demande ou s'enregistre sans cesse.

Traduire une requête coûte à Django bien plus que la base ne met à y répondre. Ici l'ORM reste seul à
l'écrire : la traduction est gardée quand deux jeux de clés tirés au hasard donnent le même SQL, et que
chaque clé se retrouve parmi ses paramètres. Sinon la requête s'exécute comme à l'ordinaire.

PostgreSQL, qui met à planifier une de ces requêtes quatre fois le temps de l'exécuter, la garde de même
(`PREPARE`), tant que la connexion dure. Un répartiteur qui prête une connexion pour une seule transaction
perdrait ces plans : `DISABLE_SERVER_SIDE_CURSORS`, qui l'annonce à Django, y fait renoncer.
"""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models import DateField, Model, QuerySet, UUIDField
from django.utils import timezone

T = TypeVar("T")
Cle = int | str | UUID | datetime.date | None | tuple[Any, ...]
COURT, LONG = 4, 128
_NUMEROS = count()
_UUID: Any = UUIDField()
_JOUR: Any = DateField()


class Petit(int):
    """Une clé qui tient dans les plus petits champs, comme une année."""


@dataclass(frozen=True)
class _Traduite:
    """`parametres` : le rang d'une clé, ou la valeur que la requête porte toujours à cette place."""

    queryset: QuerySet[Any]
    compilateur: Any
    sql: str
    parametres: tuple[tuple[int | None, Any], ...]

    def lignes(self, cles: Sequence[Cle]) -> list[Any]:
        atomes = _atomes(cles)
        valeurs = tuple(fixe if rang is None else atomes[rang] for rang, fixe in self.parametres)
        with _planifiee(self.sql, len(valeurs)) as sql, connection.cursor() as curseur:
            curseur.execute(sql, valeurs)
            rangees = curseur.fetchall()
        if not rangees:
            return []
        if self.compilateur.has_extra_select:
            rangees = [rangee[: self.compilateur.col_count] for rangee in rangees]
        self.compilateur.execute_sql = lambda *_, **__: [rangees]
        return list(self.queryset._iterable_class(self.queryset))  # type: ignore[call-overload]


class Preparee(Generic[T]):
    """Une requête à laquelle seules des clés manquent : elle ne lit ni l'heure ni rien d'autre.

    Une clé est un identifiant, un mot, un jour, un petit entier (`Petit`), `None`, ou un n-uplet
    d'identifiants parmi lesquels chercher (`IN`) ; des clés qui vont ensemble se passent en un n-uplet nommé.
    La requête se traduit pour chaque fuseau et chaque combinaison de `None` et de longueurs. Au-delà de
    `COURT`, un n-uplet redit son dernier identifiant jusqu'à la puissance de deux suivante ; au-delà de
    `LONG`, la requête n'est plus gardée.
    """

    def __init__(self, construire: Callable[..., QuerySet[Any, T]]) -> None:
        self.construire = construire

    def __call__(self, *cles: Cle) -> list[T]:
        if any(isinstance(cle, tuple) and len(cle) > LONG for cle in cles):
            return list(self.construire(*cles))
        cles = tuple(map(_complete, cles))
        gardees = _gardees()
        forme = (self, timezone.get_current_timezone_name(), *map(_forme, cles))
        if forme not in gardees:
            gardees[forme] = self.traduire(cles)
        traduite = gardees[forme]
        return traduite.lignes(cles) if traduite else list(self.construire(*cles))

    def traduire(self, cles: Sequence[Cle]) -> _Traduite | None:
        """`None` si les clés changent autre chose que des paramètres."""
        try:
            une, autre = (self._traduite_pour(tuple(map(_temoin, cles))) for _ in range(2))
        except EmptyResultSet:
            return None
        rangs = {rang for rang, _ in une.parametres}
        if (une.sql, une.parametres) != (autre.sql, autre.parametres):
            return None
        return une if rangs >= set(range(len(_atomes(cles)))) else None

    def _traduite_pour(self, temoins: Sequence[Cle]) -> _Traduite:
        atomes = _atomes(temoins)
        queryset = self.construire(*temoins)
        compilateur = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parametres = compilateur.as_sql()
        convertisseurs = compilateur.get_converters([une for une, *_ in compilateur.select])
        compilateur.get_converters = lambda _: convertisseurs
        queryset.query.get_compiler = lambda *_, **__: compilateur  # type: ignore[method-assign]
        places = tuple(
            (atomes.index(valeur), None) if valeur in atomes else (None, valeur) for valeur in parametres
        )
        return _Traduite(queryset, compilateur, sql, places)


def inserer(objets: Sequence[Model], **conflit: Any) -> None:
    """`bulk_create`, avec les mêmes options ; l'`INSERT` d'un seul objet se garde d'une fois sur l'autre."""
    if len(objets) != 1:
        if objets:
            type(objets[0])._default_manager.bulk_create(objets, **conflit)
        return
    (objet,) = objets
    sans_pk = objet.pk is None
    champs = [champ for champ in objet._meta.concrete_fields if not (sans_pk and champ.primary_key)]
    gardees = _gardees()
    forme = (
        type(objet),
        sans_pk,
        *((nom, tuple(valeur)) for nom, valeur in conflit.items() if valeur is not True),
    )
    if forme not in gardees:
        gardees[forme] = _traduire_l_insertion(objet, champs, conflit)
        return
    if (sql := gardees[forme]) is None:
        type(objet)._default_manager.bulk_create(objets, **conflit)
        return
    valeurs = [champ.get_db_prep_save(champ.pre_save(objet, True), connection) for champ in champs]
    with connection.cursor() as curseur, _planifiee(sql, len(valeurs)) as ordre:
        curseur.execute(ordre, valeurs)
        if sans_pk:
            objet.pk = curseur.fetchone()[0]
    objet._state.adding, objet._state.db = False, connection.alias


def _traduire_l_insertion(objet: Model, champs: Sequence[Any], conflit: dict[str, Any]) -> str | None:
    """Insère comme à l'ordinaire, et rend l'`INSERT` s'il n'attend que les valeurs des champs."""
    vues: list[tuple[str, Any]] = []

    def noter(executer: Callable[..., Any], sql: str, valeurs: Any, plusieurs: bool, contexte: Any) -> Any:
        vues.append((sql, valeurs))
        return executer(sql, valeurs, plusieurs, contexte)

    with connection.execute_wrapper(noter):
        type(objet)._default_manager.bulk_create([objet], **conflit)
    ecrites = [champ.get_db_prep_save(getattr(objet, champ.attname), connection) for champ in champs]
    sql, valeurs = vues[0]
    return sql if len(vues) == 1 and list(valeurs) == ecrites else None


@contextmanager
def _planifiee(sql: str, combien: int) -> Iterator[str]:
    """L'ordre qui exécute cette requête : elle-même, ou celle que le serveur garde sous un nom.

    La première fois, les deux ordres partent ensemble : préparer ne fait pas une requête de plus. Un ordre
    qui échoue fait oublier son nom, sans dire si le serveur l'a gardé : le suivant en prend un autre.
    """
    if connection.vendor != "postgresql" or connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        yield sql
        return
    noms = _noms_au_serveur()
    executer = f"({', '.join(['%s'] * combien)})" if combien else ""
    prepare = ""
    if sql not in noms:
        noms[sql], rangs = f"{_genre(sql)}_{next(_NUMEROS)}", count(1)
        gabarit = re.sub("%[s%]", lambda place: f"${next(rangs)}" if place[0] == "%s" else "%%", sql)
        prepare = f"PREPARE {noms[sql]} AS {gabarit}; "
    try:
        yield f"{prepare}EXECUTE {noms[sql]}{executer}"
    except DatabaseError:
        noms.pop(sql, None)
        raise


def _genre(sql: str) -> str:
    return "lecture" if sql.lstrip("(").startswith("SELECT") else "ecriture"


def _noms_au_serveur() -> dict[str, str]:
    """Ce que le serveur garde pour la connexion ouverte : une autre n'en sait rien."""
    connection.ensure_connection()
    etat, ouverte = vars(connections[DEFAULT_DB_ALIAS]), connection.connection
    if etat.get("_planifiees", (None,))[0] is not ouverte:
        etat["_planifiees"] = ouverte, {}
    return etat["_planifiees"][1]


def _gardees() -> dict[Any, Any]:
    """Ce que cette connexion sait déjà traduire ; une connexion ne sert qu'un fil d'exécution."""
    return vars(connections[DEFAULT_DB_ALIAS]).setdefault("_preparees", {})


def _forme(cle: Cle) -> object:
    """Ce qui, d'une clé, change la requête et non ses paramètres."""
    if isinstance(cle, tuple):
        return tuple(map(_forme, cle)) if _ensemble(cle) else len(cle)
    return cle if cle is None else type(cle)


def _ensemble(cle: Cle) -> bool:
    """Un n-uplet nommé : plusieurs clés, non plusieurs valeurs d'une seule."""
    return hasattr(cle, "_fields")


def _complete(cle: Any) -> Any:
    if not isinstance(cle, tuple):
        return cle
    if _ensemble(cle):
        return type(cle)(*map(_complete, cle))
    if len(cle) <= COURT:
        return cle
    manquent = (1 << (len(cle) - 1).bit_length()) - len(cle)
    return (*cle, *cle[-1:] * manquent)


def _temoin(cle: Any) -> Any:
    """Une clé de même forme, tirée au hasard."""
    if isinstance(cle, tuple):
        temoins = tuple(map(_temoin, cle))
        return type(cle)(*temoins) if _ensemble(cle) else temoins
    if isinstance(cle, UUID):
        return uuid4()
    if isinstance(cle, str):
        return secrets.token_hex()
    if isinstance(cle, datetime.date):
        return datetime.date.fromordinal(10**6 + secrets.randbelow(2 * 10**6))
    if isinstance(cle, Petit):
        return Petit(10_000 + secrets.randbelow(20_000))
    return cle if cle is None else 2**40 + secrets.randbelow(2**40)


def _atomes(cles: Sequence[Cle]) -> list[Any]:
    """Chaque identifiant, tel que la base le reçoit."""
    return [_atome(un) for un in _a_plat(cles)]


def _a_plat(cles: Sequence[Cle]) -> Iterator[Any]:
    for cle in cles:
        if isinstance(cle, tuple):
            yield from _a_plat(cle)
        elif cle is not None:
            yield cle


def _atome(cle: Any) -> Any:
    if isinstance(cle, UUID):
        return _UUID.get_db_prep_value(cle, connection)
    return _JOUR.get_db_prep_value(cle, connection) if isinstance(cle, datetime.date) else cle
