"""Ce qu'un envoi de la fiche porte : ce qui est dit, de quelle page il vient, qui signe. Module pur."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ContenuFiche:
    """Ce que dit une fiche ; `avis` donne un niveau par compétence, ou `None` pour « pas vu ».

    Une clé est une compétence et l'un de ses critères, ou 0 si la grille n'en positionne pas.
    """

    activites: str = ""
    points_forts: str = ""
    taches: frozenset[int] = frozenset()
    avis: dict[tuple[int, int], int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """La page d'où vient un envoi : tirée au hasard, ses envois rangés, et ce qu'elle montrait.

    Une page se suit elle-même sans se contredire ; un envoi en retard ne défait pas un plus récent.
    """

    cle: str
    revision: int
    rang: int | None = None


@dataclass(frozen=True)
class Signature:
    nom: str
    mode: str
    le: datetime.date
    dessin: bytes | None = None
