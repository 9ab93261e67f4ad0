"""Ce qui attend une personne : une ligne, que chaque notion écrit et que l'accueil réunit. Module pur."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

MONTREES = 8
"""Au-delà, les lignes d'une même notion se disent en une seule."""


class Urgence(IntEnum):
    """De la plus pressée à celle que l'on suit sans devoir agir."""

    EN_RETARD = 0
    BIENTOT = 1
    A_FAIRE = 2
    A_SUIVRE = 3


@dataclass(frozen=True)
class AFaire:
    """Une ligne de la liste : ce qu'il y a à faire, et l'adresse où cela se fait.

    `genre` : le titre commun, sans nom de personne, qu'écrit un courriel. `nombre` : combien de choses elle
    réunit. `le` : le jour qui la presse ; `depuis` : l'instant où elle est apparue.
    """

    genre: str
    texte: str
    acte: str
    adresse: str
    precision: str = ""
    urgence: Urgence = Urgence.A_FAIRE
    nombre: int = 1
    le: datetime.date | None = None
    depuis: datetime.datetime | None = None

    @property
    def rang(self) -> tuple[int, datetime.date]:
        return self.urgence, self.le or datetime.date.max


@dataclass(frozen=True)
class Echeance:
    """Un jour à venir qui compte pour l'établissement."""

    le: datetime.date
    texte: str
    adresse: str
    precision: str = ""


def pressees(lignes: Iterable[AFaire]) -> tuple[AFaire, ...]:
    """La liste, la plus pressée d'abord ; à égalité, dans l'ordre où les notions les donnent."""
    return tuple(sorted(lignes, key=lambda une: une.rang))


def serrees(lignes: list[AFaire], total: int, reste: Callable[[int], AFaire]) -> list[AFaire]:
    """Les premières lignes, et une seule pour le reste. `total` : combien il y en a en tout."""
    if total <= MONTREES:
        return lignes
    return [*lignes[:MONTREES], reste(total - MONTREES)]
