"""Une case de la grille : son adresse, et ce qu'elle porte. Module pur."""

from __future__ import annotations

import datetime
from typing import NamedTuple

COMMENTAIRE = "commentaire"
SUR_DETAILLEE, SUR_COMPETENCE = "rd", "rc"
REMARQUES = (SUR_DETAILLEE, SUR_COMPETENCE)

brut = tuple.__new__
"""`brut(Case, (genre, item, eleve))` : deux fois plus vite ; une grille en fait huit mille."""


class Case(NamedTuple):
    """Adresse d'une case : `d12-45` (détaillée 12, élève 45), `c3-45` (compétence) ou `commentaire-45`.

    `rd12-45` et `rc3-45` : la remarque posée sur l'une ou l'autre de ces cases.
    """

    genre: str
    item: int
    eleve: int

    def __str__(self) -> str:
        return f"{self.genre}{self.item or ''}-{self.eleve}"

    @property
    def est_remarque(self) -> bool:
        return self.genre in REMARQUES

    @property
    def hote(self) -> Case:
        """La case que l'on voit : pour une remarque, celle où elle est posée."""
        return Case(self.genre.removeprefix("r"), self.item, self.eleve)


class Presente(NamedTuple):
    """Ce que porte une case : code de niveau, mention, commentaire ou remarque ; par qui, et quand.

    `instant` : en heure universelle, tel que la base le dit ; « +00 » peut y manquer. Deux mille cases se
    montrent ainsi sans qu'aucun se relise.
    """

    pk: int
    texte: str
    auteur: str
    instant: str
    valeur: int | None = None

    @property
    def modifie_le(self) -> datetime.datetime:
        return lu_en_heure_universelle(self.instant)


def lu_en_heure_universelle(instant: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(instant).replace(tzinfo=datetime.UTC)
