"""Partager une classe et faire tourner des équipes sur des postes. Module pur, sans Django."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Element = TypeVar("Element")
Lieu = TypeVar("Lieu")


def repartir(elements: Sequence[Element], nombre: int) -> list[list[Element]]:
    """`nombre` parts, dans l'ordre, de tailles égales à un près : les premières ont le surplus."""
    taille, surplus = divmod(len(elements), nombre)
    parts, debut = [], 0
    for rang in range(nombre):
        fin = debut + taille + (rang < surplus)
        parts.append(list(elements[debut:fin]))
        debut = fin
    return parts


def rotation(
    elements: Sequence[Element], postes: Sequence[Lieu], tours: int
) -> dict[tuple[Element, int], Lieu]:
    """Le poste de chacun à chaque tour, compté de 1 : une équipe par poste, qui passe ensuite au suivant."""
    equipes = repartir(elements, len(postes)) if postes else []
    return {
        (element, tour): postes[(rang + tour - 1) % len(postes)]
        for rang, equipe in enumerate(equipes)
        for element in equipe
        for tour in range(1, tours + 1)
    }
