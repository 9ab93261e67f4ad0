"""Lire un niveau depuis une grille : dans son échelle, par une correspondance déclarée, ou pas du tout (Q47).

Module pur.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from referentiel.echelle import Degre, Echelle


@dataclass(frozen=True)
class NiveauPropre:
    """Un niveau dans l'échelle où il a été donné."""

    degre: Degre
    echelle: int
    nom: str


@dataclass(frozen=True)
class LectureDeGrille:
    """Ce qu'une grille fait d'un niveau, désigné par son identifiant.

    `cle` : l'échelle de la grille ; `correspondances` : les niveaux d'ailleurs qu'elle sait lire.
    """

    echelle: Echelle = field(default_factory=lambda: Echelle(()))
    cle: int = 0
    grille: str = ""
    niveaux: Mapping[int, NiveauPropre] = field(default_factory=dict)
    correspondances: Mapping[int, int] = field(default_factory=dict)

    def sienne(self, niveau: int) -> bool:
        return niveau in self.niveaux and self.niveaux[niveau].echelle == self.cle

    def valeur(self, niveau: int) -> int | None:
        """Sa valeur dans l'échelle de la grille ; `None` s'il n'y compte pas."""
        return self.valeurs.get(niveau)

    @cached_property
    def valeurs(self) -> dict[int, int]:
        """Celle de chaque niveau qui y compte."""
        siens = {pk: un.degre.valeur for pk, un in self.niveaux.items() if un.echelle == self.cle}
        return {**self.correspondances, **siens}

    def lu(self, niveau: int) -> Degre | None:
        """Le degré de la grille où il se lit ; `None` s'il n'y compte pas."""
        return self.echelle.degre(self.valeur(niveau))

    def origine(self, niveau: int) -> str:
        """« 4 Niveau 4 (Quatre niveaux) » pour un niveau d'une autre échelle ; vide pour l'un des siens."""
        if self.sienne(niveau) or niveau not in self.niveaux:
            return ""
        propre = self.niveaux[niveau]
        return f"{propre.degre.code} {propre.degre.libelle} ({propre.nom})"

    def relu(self, degre: Degre, echelle: Echelle) -> Degre | None:
        """Un niveau d'un document figé et l'échelle qu'il montrait, lu d'ici ; `None` s'il n'y compte pas."""
        if _suite(echelle.degres) == _suite(self.echelle.degres):
            return degre
        for niveau in self.correspondances:
            propre = self.niveaux[niveau]
            siens = [un.degre for un in self.niveaux.values() if un.echelle == propre.echelle]
            if (propre.degre.code, _suite(siens)) == (degre.code, _suite(echelle.degres)):
                return self.lu(niveau)
        return None

    def phrases(self, niveaux: Iterable[int]) -> tuple[str, ...]:
        """Les correspondances dont ces niveaux se servent, en toutes lettres, une par échelle."""
        utiles = {
            self.niveaux[un].echelle for un in niveaux if un in self.correspondances and not self.sienne(un)
        }
        return tuple(
            f"Niveaux de l’échelle « {self._nom(cle)} » lus d’après la correspondance de la grille "
            f"« {self.grille} » : {self._table(cle)}."
            for cle in sorted(utiles)
        )

    def _nom(self, echelle: int) -> str:
        return next(un.nom for un in self.niveaux.values() if un.echelle == echelle)

    def _table(self, echelle: int) -> str:
        paires = (
            (self.niveaux[un].degre.code, lu.code)
            for un in self.correspondances
            if self.niveaux[un].echelle == echelle and (lu := self.lu(un))
        )
        return ", ".join(f"{ici} → {la}" for ici, la in paires)


def _suite(degres: Iterable[Degre]) -> list[tuple[str, int]]:
    """Ce qui fait une échelle : ses codes et leurs valeurs ; un libellé peut se corriger."""
    return [(un.code, un.valeur) for un in degres]
