"""Le curseur de date des images : une semaine, de l’entrée dans le cycle à aujourd’hui. Module pur."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from trpm.textes import entier

SEMAINE = datetime.timedelta(weeks=1)


@dataclass(frozen=True)
class Curseur:
    debut: datetime.date
    aujourdhui: datetime.date
    semaine: int

    @property
    def derniere(self) -> int:
        return max((self.aujourdhui - self.debut).days // 7 + 1, 1)

    @property
    def jour(self) -> datetime.date:
        """Fin de la semaine montrée ; la dernière va jusqu'à aujourd'hui."""
        if self.semaine >= self.derniere:
            return max(self.aujourdhui, self.debut)
        return self.debut + self.semaine * SEMAINE


def curseur(debut: datetime.date, aujourdhui: datetime.date, demande: str) -> Curseur:
    """Ce que l'adresse demande, ramené entre la première semaine et aujourd'hui."""
    derniere = Curseur(debut, aujourdhui, 0).derniere
    lue = entier(demande)
    semaine = derniere if lue is None else lue
    return Curseur(debut, aujourdhui, min(max(semaine, 1), derniere))
