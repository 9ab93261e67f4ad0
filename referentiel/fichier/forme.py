"""Ce qui donne au document d'un référentiel sa forme : rien de vide, rangé comme le schéma."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from referentiel.fichier.lecture import schema
from referentiel.models import Poids

SANS_VALEUR: tuple[Any, ...] = (None, "", [], {})


def pleins(**champs: Any) -> dict[str, Any]:
    """Les seuls champs qui disent quelque chose : le fichier tait les autres."""
    return {nom: valeur for nom, valeur in champs.items() if valeur not in SANS_VALEUR}


def repartitions(poids: Iterable[Poids]) -> list[dict[str, Any]]:
    """Les poids d'une grille, rassemblés par épreuve et par option."""
    groupes: dict[tuple[str, str | None], dict[str, Any]] = defaultdict(dict)
    for ligne in poids:
        option = ligne.option.code if ligne.option else None
        groupes[ligne.epreuve.code, option][ligne.competence.code] = ligne.valeur
    return [
        {"epreuve": epreuve} | pleins(option=option) | {"competences": competences}
        for (epreuve, option), competences in groupes.items()
    ]


L = TypeVar("L")


def par(lignes: Iterable[L], champ: str) -> Mapping[Any, list[L]]:
    groupes: dict[Any, list[L]] = defaultdict(list)
    for ligne in lignes:
        groupes[getattr(ligne, champ)].append(ligne)
    return groupes


def ordonner(valeur: Any, noeud: Mapping[str, Any]) -> Any:
    """Range les propriétés dans l'ordre du schéma : une base n'a pas à s'en souvenir."""
    if "$ref" in noeud:
        noeud = schema()["$defs"][noeud["$ref"].rpartition("/")[2]]
    if isinstance(valeur, dict):
        proprietes = noeud.get("properties", {})
        noms = [nom for nom in proprietes if nom in valeur] + [nom for nom in valeur if nom not in proprietes]
        return {nom: ordonner(valeur[nom], proprietes.get(nom, {})) for nom in noms}
    if isinstance(valeur, list):
        return [ordonner(element, noeud.get("items", {})) for element in valeur]
    return valeur
