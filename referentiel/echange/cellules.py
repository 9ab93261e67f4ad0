"""La valeur d'une cellule, selon ce que le schéma attend. Module pur."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from referentiel.echange.plan import separateur, types

VRAI, FAUX = ("oui", "vrai", "true", "1", "x"), ("non", "faux", "false", "0")


def lire_cellule(cellule: Any, noeud: Mapping[str, Any]) -> Any:
    """La valeur d'une cellule, selon ce que le schéma attend ; ce qui ne s'y plie pas reste un texte."""
    if isinstance(cellule, str):
        cellule = cellule.strip()
    if cellule is None or cellule == "":
        return None
    attendus = types(noeud)
    if "array" in attendus:
        coupe = r"[\s,;]+" if separateur(noeud) == " " else r"\s*;\s*"
        return [un for un in re.split(coupe, str(_texte(cellule))) if un]
    if "boolean" in attendus:
        mot = str(_texte(cellule)).casefold()
        return True if mot in VRAI else False if mot in FAUX else cellule
    if "integer" in attendus or "number" in attendus:
        return _nombre(cellule)
    return _texte(cellule)


def _nombre(cellule: Any) -> Any:
    if isinstance(cellule, bool):
        return str(cellule)
    try:
        lu = Decimal(str(cellule).replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return str(_texte(cellule))
    if not lu.is_finite() or abs(lu.adjusted()) > 30:
        return str(cellule)
    return int(lu) if lu == lu.to_integral_value() else lu


def _texte(cellule: Any) -> str:
    if isinstance(cellule, bool):
        return "oui" if cellule else "non"
    if isinstance(cellule, float) and cellule.is_integer():
        return str(int(cellule))
    jour = getattr(cellule, "date", None)
    if jour is not None:
        return str(jour().isoformat())
    return str(cellule)
