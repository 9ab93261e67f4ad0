"""Les jours de PFMP faits dans un autre établissement, tels que l'archive de l'élève les dit. Module pur.

Ils comptent pour lui (la durée est celle de sa formation), par les règles d'ici, sous le nom de ce lieu.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from livret.pfmp.semaines import Manque, Presence, jours_faits


@dataclass(frozen=True)
class Venus:
    """Les jours qu'un établissement dit faits."""

    origine: str
    jours: Decimal


def venus(apports: Iterable[tuple[str, datetime.date, list[dict[str, Any]]]]) -> tuple[Venus, ...]:
    """`apports` : l'origine, le jour où l'élève en est venu et ses PFMP, du plus ancien au plus récent.

    Ce qui y restait prévu ce jour-là n'y sera pas fait. Une archive reçue deux fois du même établissement
    redit les mêmes : la dernière seule compte.
    """
    derniers = {origine: (jour, pfmp) for origine, jour, pfmp in apports}
    lus = [Venus(origine, _jours(pfmp, jour)) for origine, (jour, pfmp) in derniers.items()]
    return tuple(un for un in lus if un.jours)


def _jours(pfmp: Iterable[dict[str, Any]], jour: datetime.date) -> Decimal:
    return sum(
        (
            jours_faits([_presence(un) for un in une["sejours"]], map(_manque, une["absences"]), jour)
            for une in pfmp
        ),
        Decimal(0),
    )


def _presence(dit: dict[str, Any]) -> Presence:
    return Presence(*_dates(dit), jours=dit["jours"], rattrapage=dit["rattrapage"])


def _manque(dit: dict[str, Any]) -> Manque:
    debut, fin = _dates(dit)
    return Manque(debut, Decimal(dit["jours"]), dit.get("rattrapee", False), fin)


def _dates(dit: dict[str, Any]) -> tuple[datetime.date, datetime.date]:
    return datetime.date.fromisoformat(dit["debut"]), datetime.date.fromisoformat(dit["fin"])
