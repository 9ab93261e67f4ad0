"""Ce qui donne au document d'un référentiel sa forme : rien de vide, rangé comme le schéma."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

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
