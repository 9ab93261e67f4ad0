"""Une compétence dans un livret, et ce qui l'établit. Module pur."""

from __future__ import annotations

from dataclasses import dataclass

from livret.niveaux import Preuve
from referentiel.echelle import Degre


@dataclass(frozen=True)
class Demonstration:
    """Une preuve et le niveau qu'elle montre."""

    preuve: Preuve
    degre: Degre | None


@dataclass(frozen=True)
class LigneLivret:
    """Une compétence dans un livret : le meilleur niveau démontré et tout ce qui l'établit."""

    code: str
    intitule: str
    epreuve: str
    preuves: tuple[Preuve, ...]
    meilleure: Preuve | None
    degre: Degre | None
    detaillees_visees: int
    detaillees_observees: int
    historique: tuple[Demonstration, ...] = ()

    @property
    def valeur(self) -> int | None:
        return self.meilleure.valeur if self.meilleure else None
