"""Lecture d'un texte JSON qui retient où commence chaque valeur et quelles clés se répètent.

Le décodeur est celui de la bibliothèque standard, dans sa version Python : on enveloppe la
fonction qu'il appelle au début de chaque valeur. Un seul analyseur décide donc de ce qui est
valide et de l'endroit où cela se trouve. Module pur, sans Django.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from decimal import Decimal
from json import decoder, scanner
from json.decoder import JSONDecodeError, JSONDecoder
from typing import Any

Chemin = tuple[str | int, ...]

# Présentes dans toutes les versions de la bibliothèque standard, absentes de ses annotations.
_lire_objet: Any = vars(decoder)["JSONObject"]
_lire_tableau: Any = vars(decoder)["JSONArray"]
_analyseur: Any = vars(scanner)["py_make_scanner"]


class Objet(dict[str, Any]):
    """Objet JSON, avec la position de chaque valeur et les clés données plusieurs fois."""

    debuts: dict[str, int]
    repetitions: list[tuple[str, int]]


class Liste(list[Any]):
    """Tableau JSON, avec la position de chaque élément."""

    debuts: list[int]


def _objet(
    debut: tuple[str, int],
    strict: bool,
    lire: Callable[[str, int], tuple[Any, int]],
    _crochet: Any,
    _paires: Any,
    memo: dict[str, str],
) -> tuple[Objet, int]:
    positions: list[int] = []

    def situer(texte: str, position: int) -> tuple[Any, int]:
        positions.append(position)
        return lire(texte, position)

    paires, fin = _lire_objet(debut, strict, situer, None, list, memo)
    objet = Objet(paires)
    objet.debuts, objet.repetitions = {}, []
    for (cle, _), position in zip(paires, positions, strict=True):
        if cle in objet.debuts:
            objet.repetitions.append((cle, position))
        objet.debuts[cle] = position
    return objet, fin


def _tableau(debut: tuple[str, int], lire: Callable[[str, int], tuple[Any, int]]) -> tuple[Liste, int]:
    positions: list[int] = []

    def situer(texte: str, position: int) -> tuple[Any, int]:
        positions.append(position)
        return lire(texte, position)

    valeurs, fin = _lire_tableau(debut, situer)
    liste = Liste(valeurs)
    liste.debuts = positions
    return liste, fin


def _constante(nom: str) -> None:
    raise ValueError(nom)


class _Decodeur(JSONDecoder):
    """Décimaux exacts, ni NaN ni infini, objets et tableaux situés."""

    def __init__(self) -> None:
        super().__init__(parse_float=Decimal, parse_constant=_constante)
        self.parse_object = _objet
        self.parse_array = _tableau
        self.scan_once = _analyseur(self)


class Situe:
    """Un texte JSON lu : sa `valeur` et la ligne de chaque endroit du document."""

    def __init__(self, texte: str) -> None:
        self.valeur: Any = _Decodeur().decode(texte)
        self._debut = len(texte) - len(texte.lstrip(" \t\n\r"))
        self._lignes = [position for position, lettre in enumerate(texte) if lettre == "\n"]

    def position(self, chemin: Sequence[str | int]) -> int:
        """Position de la valeur désignée, ou de l'ancêtre le plus proche qui existe."""
        ici, position = self.valeur, self._debut
        for pas in chemin:
            try:
                ici, position = ici[pas], ici.debuts[pas]
            except (AttributeError, IndexError, KeyError, TypeError):
                break
        return position

    def ligne_a(self, position: int) -> int:
        return bisect_left(self._lignes, position) + 1

    def ligne(self, chemin: Sequence[str | int]) -> int:
        return self.ligne_a(self.position(chemin))


def pointeur(chemin: Sequence[str | int]) -> str:
    """Pointeur JSON (RFC 6901) ; la chaîne vide désigne le document entier."""
    return "".join("/" + str(pas).replace("~", "~0").replace("/", "~1") for pas in chemin)


__all__ = ["Chemin", "JSONDecodeError", "Liste", "Objet", "Situe", "pointeur"]
