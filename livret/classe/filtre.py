"""Les rangées du tableau d'une classe que l'on veut voir, et dans quel ordre. Module pur."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from livret.personnes.identifiants import plie
from livret.progression.attendu import Position, RepereEleve
from livret.synthese.ligne import CaseTableau

Case = tuple[CaseTableau | None, RepereEleve | None]
Rangee = tuple[Any, list[Case]]


class Montrer(Enum):
    """Qui l'on montre ; `value` est la phrase affichée."""

    TOUS = "tous les élèves"
    RETARD = "avec un retard"
    JAMAIS = "avec une compétence jamais évaluée"

    @property
    def code(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Filtre:
    """`tri` : le code d'une compétence, précédé de « - » pour commencer par les plus hauts niveaux ; vide,
    l'ordre des noms. `groupes` : nom et élèves de chaque groupe de la classe, par identifiant."""

    montrer: Montrer = Montrer.TOUS
    groupe: int | None = None
    nom: str = ""
    tri: str = ""
    groupes: Mapping[int, tuple[str, Collection[int]]] = field(default_factory=dict)

    @property
    def actif(self) -> bool:
        return bool(self.montrer is not Montrer.TOUS or self.groupe or self.nom)

    @property
    def choix(self) -> list[tuple[str, str]]:
        return [(un.code, un.value) for un in Montrer]

    def retenues(self, rangees: Sequence[Rangee]) -> list[Rangee]:
        """Celles que l'on demande, triées."""
        cherche = plie(self.nom)
        membres = self.groupes[self.groupe][1] if self.groupe is not None else None
        gardees = [
            rangee
            for rangee in rangees
            if (membres is None or rangee[0].eleve.pk in membres)
            and (not cherche or cherche in plie(str(rangee[0].eleve)))
            and self._montree(rangee[1])
        ]
        return self._triees(gardees)

    def _montree(self, cases: Sequence[Case]) -> bool:
        if self.montrer is Montrer.RETARD:
            return any(repere and repere.position is Position.RETARD for _, repere in cases)
        if self.montrer is Montrer.JAMAIS:
            return any(ligne and ligne.valeur is None for ligne, _ in cases)
        return True

    def _triees(self, rangees: list[Rangee]) -> list[Rangee]:
        """Du plus bas niveau au plus haut ; jamais évaluée vient avant, hors option à la fin."""
        if not self.tri:
            return rangees
        code, envers = self.tri.removeprefix("-"), self.tri.startswith("-")

        def rang(rangee: Rangee) -> tuple[bool, int]:
            ligne = next((ligne for ligne, _ in rangee[1] if ligne and ligne.code == code), None)
            if ligne is None:
                return (True, 0)
            valeur = -1 if ligne.valeur is None else ligne.valeur
            return (False, -valeur if envers else valeur)

        return sorted(rangees, key=rang)
