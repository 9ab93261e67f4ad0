"""Chercher sans égard aux accents, à la casse ni à l'ordre des mots. Module pur."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from livret.personnes.identifiants import plie


def trouves(mots: str, fiches: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Clés des fiches qui contiennent chaque mot. Une fiche est une clé suivie de ses textes, vides compris ;
    plusieurs lignes de même clé n'en font qu'une."""
    cherches, lues = plie(mots).split(), defaultdict(list)
    for cle, *textes in fiches:
        lues[cle].append(plie(" ".join(filter(None, textes))))
    return [cle for cle, lu in lues.items() if all(mot in " ".join(lu) for mot in cherches)]
