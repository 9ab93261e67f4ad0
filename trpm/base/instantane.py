"""Écrire un objet figé en JSON canonique, et le relire à l'identique. Module pur.

Un champ `FACULTATIF` resté vide ne s'écrit pas : l'instantané d'avant ce champ se récrit à l'identique.

Canonique : clés triées, aucun blanc, UTF-8 sans échappement. Les nombres exacts (fractions,
décimaux) et les dates sont des chaînes : aucune valeur ne passe par un flottant.
"""

from __future__ import annotations

import datetime
import json
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

FACULTATIF = {"facultatif": True}
Objet = TypeVar("Objet")


class DeTable:
    """Un objet d'une table : il s'écrit par son `code`, et c'est la table qui le rend."""

    code: str

    @classmethod
    def du_code(cls, code: str) -> DeTable:
        raise NotImplementedError


LECTEURS: dict[Any, Callable[[str], Any]] = {
    Fraction: Fraction,
    Decimal: Decimal,
    datetime.datetime: datetime.datetime.fromisoformat,
    datetime.date: datetime.date.fromisoformat,
}


def ecrire(objet: Any) -> str:
    return json.dumps(_brut(objet), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def relire(nature: type[Objet], texte: str) -> Objet:
    objet: Objet = _lecteur(cast(Any, nature))(json.loads(texte))
    return objet


def _brut(valeur: Any) -> Any:
    if isinstance(valeur, DeTable):
        return valeur.code
    if is_dataclass(valeur):
        presents = [
            champ
            for champ in fields(valeur)
            if getattr(valeur, champ.name) or "facultatif" not in champ.metadata
        ]
        return {champ.name: _brut(getattr(valeur, champ.name)) for champ in presents}
    if isinstance(valeur, tuple | list):
        return [_brut(element) for element in valeur]
    if isinstance(valeur, Enum):
        return valeur.value
    if isinstance(valeur, datetime.date):
        return valeur.isoformat()
    if isinstance(valeur, Fraction | Decimal):
        return str(valeur)
    if valeur is None or isinstance(valeur, str | int):
        return valeur
    raise TypeError(f"{type(valeur).__name__} n’a pas d’écriture exacte.")


@cache
def _lecteur(nature: Any) -> Callable[[Any], Any]:
    """De quoi relire cette nature de valeur ; une fois pour toutes, un instantané en répète des milliers."""
    origine = get_origin(nature)
    if origine in (Union, types.UnionType):
        reste = _lecteur(next(branche for branche in get_args(nature) if branche is not type(None)))
        return lambda brut: None if brut is None else reste(brut)
    if origine is tuple:
        return _de_suite(get_args(nature))
    if isinstance(nature, type) and issubclass(nature, DeTable):
        return nature.du_code
    if is_dataclass(nature):
        return _de_champs(cast(type, nature))
    construire: Callable[[Any], Any] = LECTEURS.get(nature, nature)
    return construire


def _de_suite(branches: tuple[Any, ...]) -> Callable[[Any], Any]:
    lecteurs = [_lecteur(branche) for branche in branches if branche is not Ellipsis]
    if branches[-1] is Ellipsis:
        return lambda brut: tuple([lecteurs[0](element) for element in brut])
    return lambda brut: tuple(lire(element) for lire, element in zip(lecteurs, brut, strict=True))


def _de_champs(nature: type) -> Callable[[Any], Any]:
    """Les champs se lisent à la première valeur : un objet peut en porter de sa propre nature."""
    lecteurs: dict[str, Callable[[Any], Any]] = {}

    def relire_champs(brut: dict[str, Any]) -> Any:
        if not lecteurs:
            indices = get_type_hints(nature)
            lecteurs.update({champ.name: _lecteur(indices[champ.name]) for champ in fields(nature)})
        return nature(**{nom: lecteurs[nom](valeur) for nom, valeur in brut.items()})

    return relire_champs
