"""Une compétence dans un livret, et ce qui l'établit. Module pur."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import NamedTuple

from livret.niveaux import Preuve
from referentiel.echelle import Degre


@dataclass(frozen=True)
class Demonstration:
    """Une preuve et le niveau qu'elle montre, dans l'échelle où il a été donné.

    `echelle` nomme celle-ci quand ce n'est pas celle du livret ; le niveau n'y compte que s'il s'y `lit`.
    """

    preuve: Preuve
    degre: Degre | None
    echelle: str = ""
    lit: Degre | None = None

    @property
    def compte(self) -> bool:
        return not self.echelle or self.lit is not None


@dataclass(frozen=True)
class LigneLivret:
    """Une compétence dans un livret : le meilleur niveau démontré et tout ce qui l'établit.

    `preuves` : ce qui compte, lu dans l'échelle du livret. `epreuves` : celles qui l'évaluent, la première
    où on la montre ; aucune si la grille de la promotion ne l'y rattache pas.
    """

    code: str
    intitule: str
    epreuve: str
    preuves: tuple[Preuve, ...]
    meilleure: Preuve | None
    degre: Degre | None
    detaillees_visees: int
    detaillees_observees: int
    historique: tuple[Demonstration, ...] = ()
    epreuves: tuple[str, ...] = ()

    @property
    def valeur(self) -> int | None:
        return self.meilleure.valeur if self.meilleure else None

    @property
    def aussi(self) -> tuple[str, ...]:
        return self.epreuves[1:]

    @property
    def ecartees(self) -> tuple[Demonstration, ...]:
        """Ce qui a été montré dans une échelle que la grille ne lit pas, le plus récent d'abord."""
        return tuple(une for une in self.historique if not une.compte)


class CaseTableau(NamedTuple):
    """Une compétence d'un élève dans le tableau de sa classe : le meilleur niveau, et l'acte qui le prouve.

    Sans meilleur niveau, `ecarte` : ce qu'il a montré en dernier dans une échelle que la grille ne lit pas,
    que `origine` nomme.
    """

    code: str
    intitule: str
    epreuve: str
    valeur: int | None = None
    degre: Degre | None = None
    situation: str = ""
    lieu: str = ""
    date: datetime.date | None = None
    ecarte: Degre | None = None
    origine: str = ""
