"""De l'un à l'autre, dans l'ordre d'une liste. Module pur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Voisins(Generic[T]):
    """Ce qui précède et ce qui suit, et la place tenue, comptée de 1 ; 0 hors de la liste."""

    precedent: T | None = None
    suivant: T | None = None
    rang: int = 0
    combien: int = 0


def voisins(suite: Sequence[T], ici: T) -> Voisins[T]:
    if ici not in suite:
        return Voisins()
    rang = suite.index(ici)
    return Voisins(
        suite[rang - 1] if rang else None,
        suite[rang + 1] if rang + 1 < len(suite) else None,
        rang + 1,
        len(suite),
    )
