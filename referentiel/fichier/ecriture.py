"""Mise en forme canonique d'un référentiel : lisible, et toujours la même à l'octet près.

Ce qui tient sur une ligne y reste ; le reste s'ouvre, une entrée par ligne. Module pur.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

LARGEUR = 110


def nombre(valeur: Decimal) -> int | float:
    """Le nombre JSON le plus court qui redonne exactement cette valeur (4 décimales au plus)."""
    return int(valeur) if valeur == valeur.to_integral_value() else float(valeur)


def _defaut(valeur: Any) -> int | float:
    if isinstance(valeur, Decimal):
        return nombre(valeur)
    raise TypeError(f"Valeur sans écriture JSON : {valeur!r}")


def _plat(valeur: Any) -> str:
    return json.dumps(valeur, ensure_ascii=False, default=_defaut)


def _ouvert(valeur: Any, marge: int, avant: int) -> str:
    """Écrit une valeur à la marge donnée, `avant` caractères étant déjà pris sur sa ligne."""
    plat = _plat(valeur)
    if not isinstance(valeur, dict | list) or not valeur or marge + avant + len(plat) < LARGEUR:
        return plat
    retrait = " " * (marge + 2)
    if isinstance(valeur, dict):
        cles = {cle: f"{_plat(cle)}: " for cle in valeur}
        corps = [cles[cle] + _ouvert(contenu, marge + 2, len(cles[cle])) for cle, contenu in valeur.items()]
        bords = "{}"
    else:
        corps = [_ouvert(contenu, marge + 2, 0) for contenu in valeur]
        bords = "[]"
    lignes = ",\n".join(retrait + entree for entree in corps)
    return f"{bords[0]}\n{lignes}\n{' ' * marge}{bords[1]}"


def ecrire(document: dict[str, Any]) -> str:
    """Le texte du fichier : la racine est toujours ouverte, la dernière ligne terminée."""
    corps = [
        f"  {_plat(cle)}: " + _ouvert(valeur, 2, len(_plat(cle)) + 2) for cle, valeur in document.items()
    ]
    return "{\n" + ",\n".join(corps) + "\n}\n"
