"""Ce qui se tient un jour ou à une heure : une ligne par notion, que le calendrier réunit. Module pur."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class RendezVous:
    """`cle` : ce qui le reconnaît d'une lecture à l'autre. `debut` : un jour, ou un instant s'il a une heure.
    `fin` : le dernier jour, compris. Aucun nom d'élève : un calendrier vit chez un tiers.
    """

    cle: str
    titre: str
    debut: datetime.date
    adresse: str
    fin: datetime.date | None = None
    lieu: str = ""
