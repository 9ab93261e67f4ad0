"""Où en sont les bilans d'une classe."""

from collections import Counter
from dataclasses import dataclass

from livret.bilan.models import Bilan
from livret.personnes.models.eleve import Eleve


@dataclass(frozen=True)
class AvancementBilans:
    """Où en sont les bilans d'une classe pour un semestre."""

    bilans: tuple[Bilan, ...]
    sans_bilan: tuple[Eleve, ...]

    @property
    def par_etat(self) -> list[tuple[str, int]]:
        comptes = Counter(bilan.etat for bilan in self.bilans)
        return [
            (_accorde(str(libelle), comptes[etat]), comptes[etat]) for etat, libelle in Bilan.Etat.choices
        ]

    @property
    def valides(self) -> int:
        return sum(bilan.valide for bilan in self.bilans)

    @property
    def brouillons(self) -> bool:
        return any(bilan.etat == Bilan.Etat.BROUILLON for bilan in self.bilans)

    @property
    def a_reprendre(self) -> Bilan | None:
        """Le premier qui reste à écrire, sinon le premier qui reste à valider."""
        ouverts = [bilan for bilan in self.bilans if not bilan.valide]
        return next((bilan for bilan in ouverts if not bilan.appreciation), ouverts[0] if ouverts else None)


def _accorde(libelle: str, nombre: int) -> str:
    return " ".join(f"{mot}s" for mot in libelle.split()) if nombre > 1 else libelle
