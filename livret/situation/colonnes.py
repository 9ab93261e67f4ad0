"""Ce que l'on évalue dans une situation, en colonnes. Module pur."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

DETAILLEE = "d"
COMPETENCE = "c"
POSITIONS = (DETAILLEE, COMPETENCE)


@dataclass(frozen=True)
class ColonneVisee:
    genre: str
    pk: int
    code: str
    intitule: str
    option_id: int | None = None
    option: str = ""
    poids: Fraction = Fraction(1)
    parent_id: int | None = None
    critere: bool = False
    deduite: bool = False

    @cached_property
    def cle(self) -> str:
        return f"{self.genre}{self.pk}"

    @property
    def officielle(self) -> bool:
        return self.genre == COMPETENCE

    def concerne(self, option_id: int) -> bool:
        return self.option_id is None or self.option_id == option_id


@dataclass(frozen=True)
class CompetenceVisee:
    """Ses détails visés, ses critères si la grille en positionne, puis son niveau, que la grille d'un poste
    peut omettre ; avec des critères, il se lit d'après eux."""

    detaillees: tuple[ColonneVisee, ...]
    competence: ColonneVisee
    positionnee: bool = True

    @cached_property
    def criteres(self) -> tuple[ColonneVisee, ...]:
        return tuple(colonne for colonne in self.detaillees if colonne.critere)

    @cached_property
    def colonnes(self) -> tuple[ColonneVisee, ...]:
        return (*self.detaillees, self.competence) if self.positionnee else self.detaillees
