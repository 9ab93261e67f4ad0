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
    objet: Objet = _objet(nature, json.loads(texte))
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
def _champs(nature: type) -> dict[str, Any]:
    indices = get_type_hints(nature)
    return {champ.name: indices[champ.name] for champ in fields(nature)}


def _objet(nature: Any, brut: Any) -> Any:
    origine = get_origin(nature)
    if origine in (Union, types.UnionType):
        reste = next(branche for branche in get_args(nature) if branche is not type(None))
        return None if brut is None else _objet(reste, brut)
    if origine is tuple:
        branches = get_args(nature)
        if branches[-1] is Ellipsis:
            return tuple(_objet(branches[0], element) for element in brut)
        return tuple(_objet(branche, element) for branche, element in zip(branches, brut, strict=True))
    if isinstance(nature, type) and issubclass(nature, DeTable):
        return nature.du_code(brut)
    construire: Callable[..., Any] = LECTEURS.get(nature, nature)
    if is_dataclass(nature):
        champs = _champs(cast(type, nature))
        return construire(**{nom: _objet(champs[nom], valeur) for nom, valeur in brut.items()})
    return construire(brut)
