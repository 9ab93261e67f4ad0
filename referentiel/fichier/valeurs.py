"""Les valeurs d'un fichier prises une à une : nombres, clés répétées, signes. Module pur, sans Django."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from referentiel.fichier.json_situe import (
    Chemin,
    Liste,
    NombreImpropre,
    Objet,
)


def nombre_de_decimales(valeur: Decimal) -> int:
    """Décimales utiles, sans calculer : un exposant démesuré ne coûte rien."""
    _, chiffres, exposant = valeur.as_tuple()
    utiles = "".join(map(str, chiffres)).rstrip("0")
    zeros = len(chiffres) - len(utiles)
    return -int(exposant) - zeros if utiles else 0


def repetitions(valeur: Any, chemin: Chemin = ()) -> Iterator[tuple[Chemin, str, int]]:
    """Clés données deux fois dans un même objet : chemin, clé, position de la répétition."""
    if isinstance(valeur, Objet):
        yield from ((chemin, cle, position) for cle, position in valeur.repetitions)
        for cle, contenu in valeur.items():
            yield from repetitions(contenu, (*chemin, cle))
    elif isinstance(valeur, Liste):
        for rang, contenu in enumerate(valeur):
            yield from repetitions(contenu, (*chemin, rang))


def tape(code: str) -> str:
    """Le code tel qu'on le tape : sans casse, sans signe invisible, sans variante de largeur."""
    visible = "".join(signe for signe in code if not _invisible(signe))
    return unicodedata.normalize("NFKC", visible).casefold()


def valeurs_impropres(valeur: Any, chemin: Chemin = ()) -> Iterator[tuple[Chemin, str]]:
    """Textes et nombres qu'une base ou une page imprimée ne sauraient porter."""
    if isinstance(valeur, dict):
        for cle, contenu in valeur.items():
            if message := _impropre(cle):
                yield (*chemin, cle), f"Le nom de cette propriété {message}"
            yield from valeurs_impropres(contenu, (*chemin, cle))
    elif isinstance(valeur, list):
        for rang, contenu in enumerate(valeur):
            yield from valeurs_impropres(contenu, (*chemin, rang))
    elif isinstance(valeur, NombreImpropre):
        yield chemin, f"{valeur} n’est pas un nombre dont on puisse se servir. Écrivez-le en chiffres."
    elif isinstance(valeur, str) and (message := _impropre(valeur)):
        yield chemin, f"Ce texte {message}"


SANS_DESSIN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Lettres, accents et symboles d'Unicode que rien ne dessine."""


def _invisible(signe: str) -> bool:
    return unicodedata.category(signe)[0] == "C" or SANS_DESSIN.match(signe) is not None


def _impropre(texte: str) -> str:
    if not texte.isprintable() or not texte.isascii():
        for signe in texte:
            if message := _signe(signe):
                return message
    if texte != texte.strip():
        return "commence ou finit par un espace. Retirez cet espace."
    return ""


def _signe(signe: str) -> str:
    match unicodedata.category(signe):
        case "Cs":
            return "contient un demi-caractère Unicode (\\ud800 à \\udfff isolé). Récrivez-le."
        case "Cc" | "Zl" | "Zp":
            return "contient un retour à la ligne ou un caractère de commande. Écrivez-le sur une ligne."
    if _invisible(signe):
        return f"contient un signe que rien ne montre (U+{ord(signe):04X}). Retirez-le."
    return ""
