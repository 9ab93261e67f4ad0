"""Nommer plusieurs diplômes sur une même page sans les confondre. Module pur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol


class DiplomeNomme(Protocol):
    pk: int
    code: str


def distingues(diplomes: Iterable[DiplomeNomme]) -> dict[int, str]:
    """Par identifiant : rien pour un diplôme seul, son sigle parmi d'autres, et sa version si deux l'ont."""
    connus = {un.pk: un for un in diplomes}
    sigles = Counter(un.code for un in connus.values())
    return {
        pk: "" if len(connus) == 1 else un.code if sigles[un.code] == 1 else str(un)
        for pk, un in connus.items()
    }
