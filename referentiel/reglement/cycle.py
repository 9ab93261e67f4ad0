"""Le cycle qui mène à un diplôme : ses années, leurs noms, leurs semestres. Module pur.

Une année compte deux semestres (Q51), numérotés d'un bout à l'autre du cycle à partir de 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

ANNEES_AU_PLUS = 6
SEMESTRES_AU_PLUS = 2 * ANNEES_AU_PLUS
SANS_NOM = ("1re année", "2e année", "3e année")
"""Ce que l'on dit d'un cycle dont le référentiel ne dit rien."""


@dataclass(frozen=True)
class Cycle:
    """Noms de ses années, de la première à celle de la session."""

    annees: tuple[str, ...]

    @classmethod
    def des(cls, annees: Iterable[str]) -> Cycle:
        return cls(tuple(annees) or SANS_NOM)

    @property
    def duree(self) -> int:
        return len(self.annees)

    @cached_property
    def semestres(self) -> dict[int, str]:
        """Nom de chaque semestre, par son rang."""
        return {
            2 * rang + moitie: f"{nom} S{moitie}" for rang, nom in enumerate(self.annees) for moitie in (1, 2)
        }

    def nom(self, semestre: int | None) -> str:
        return self.semestres.get(semestre or 0, "")

    def semestres_de(self, annee: str) -> tuple[int, int]:
        """Les deux semestres d'une année du cycle ; ceux de la dernière pour une année inconnue."""
        rang = self.annees.index(annee) if annee in self.annees else self.duree - 1
        premier = 2 * rang + 1
        return premier, premier + 1
