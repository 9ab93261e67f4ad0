"""Lecture d'un texte JSON qui retient où commence chaque valeur et quelles clés se répètent.

Le décodeur est celui de la bibliothèque standard, dans sa version Python : on enveloppe la
fonction qu'il appelle au début de chaque valeur. Un seul analyseur décide donc de ce qui est
valide et de l'endroit où cela se trouve. Module pur, sans Django.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from json import decoder, scanner
from json.decoder import JSONDecodeError, JSONDecoder
from typing import Any

Chemin = tuple[str | int, ...]
Nombre = int | Decimal

# Présentes dans toutes les versions de la bibliothèque standard, absentes de ses annotations.
_lire_objet: Any = vars(decoder)["JSONObject"]
_lire_tableau: Any = vars(decoder)["JSONArray"]
_analyseur: Any = vars(scanner)["py_make_scanner"]
_lire_texte: Any = vars(decoder)["scanstring"]

CHIFFRES = 30
"""Chiffres d'un nombre, au plus, exposant développé : aucun référentiel n'en écrit de tel."""


class Objet(dict[str, Any]):
    """Objet JSON, avec la position de chaque valeur et les clés données plusieurs fois."""

    debuts: dict[str, int]
    repetitions: list[tuple[str, int]]


class Liste(list[Any]):
    """Tableau JSON, avec la position de chaque élément."""

    debuts: list[int]


class NombreImpropre:
    """Un nombre que le fichier écrit et que rien ne sait porter : NaN, infini, démesuré."""

    def __init__(self, texte: str) -> None:
        self.texte = texte

    def __str__(self) -> str:
        return self.texte if len(self.texte) <= CHIFFRES else f"{self.texte[:CHIFFRES]}…"


def _nfc(texte: str) -> str:
    return texte if texte.isascii() else unicodedata.normalize("NFC", texte)


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

    lues, fin = _lire_objet(debut, strict, situer, None, list, memo)
    paires = [(_nfc(cle), valeur) for cle, valeur in lues]
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


def _texte(texte: str, fin: int, strict: bool) -> tuple[str, int]:
    lu, fin = _lire_texte(texte, fin, strict)
    return _nfc(lu), fin


def _entier(texte: str) -> int | NombreImpropre:
    return int(texte) if len(texte) <= CHIFFRES else NombreImpropre(texte)


def _decimal(texte: str) -> Decimal | NombreImpropre:
    try:
        valeur = Decimal(texte)
    except InvalidOperation:
        return NombreImpropre(texte)
    return valeur if abs(valeur.adjusted()) <= CHIFFRES else NombreImpropre(texte)


class _Decodeur(JSONDecoder):
    """Décimaux exacts, textes en NFC, nombres impropres mis à part, objets et tableaux situés."""

    def __init__(self) -> None:
        super().__init__(parse_float=_decimal, parse_int=_entier, parse_constant=NombreImpropre)
        self.parse_string = _texte
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


class Noeud:
    """Un objet du document et son chemin ; il répond « rien » quand le document est mal formé."""

    def __init__(self, valeur: Any, chemin: Chemin = ()) -> None:
        self.objet = valeur if isinstance(valeur, Objet) else Objet()
        self.chemin = chemin

    def texte(self, nom: str) -> str | None:
        valeur = self.objet.get(nom)
        return valeur if isinstance(valeur, str) else None

    def nombre(self, nom: str) -> Nombre | None:
        valeur = self.objet.get(nom)
        return valeur if isinstance(valeur, int | Decimal) and not isinstance(valeur, bool) else None

    def enfant(self, nom: str) -> Noeud:
        return Noeud(self.objet.get(nom), (*self.chemin, nom))

    def enfants(self, nom: str) -> Iterator[Noeud]:
        valeur = self.objet.get(nom)
        if isinstance(valeur, list):
            yield from (Noeud(element, (*self.chemin, nom, rang)) for rang, element in enumerate(valeur))

    def textes(self, nom: str) -> Iterator[tuple[Chemin, str]]:
        valeur = self.objet.get(nom)
        if isinstance(valeur, list):
            for rang, element in enumerate(valeur):
                if isinstance(element, str):
                    yield (*self.chemin, nom, rang), element


def pointeur(chemin: Sequence[str | int]) -> str:
    """Pointeur JSON (RFC 6901) ; la chaîne vide désigne le document entier."""
    return "".join("/" + str(pas).replace("~", "~0").replace("/", "~1") for pas in chemin)


__all__ = [
    "Chemin",
    "JSONDecodeError",
    "Liste",
    "Noeud",
    "Nombre",
    "NombreImpropre",
    "Objet",
    "Situe",
    "pointeur",
]
