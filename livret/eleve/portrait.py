"""Ce que trois voix disent d'un élève, et le radar qui les superpose. Module pur."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from livret.eleve import graphiques
from referentiel.echelle import Degre
from referentiel.reglement.tuteur import MotTuteur

ENSEIGNANTS, ELEVE, TUTEUR = "enseignants", "eleve", "tuteur"
VOIX = {
    ENSEIGNANTS: ("Enseignants", graphiques.ENSEIGNANTS),
    ELEVE: ("Élève", graphiques.ELEVE),
    TUTEUR: ("", graphiques.TUTEUR),
}


@dataclass(frozen=True)
class Avis:
    """Ce qu'une voix a dit d'une compétence, un jour."""

    voix: str
    date: datetime.date
    degre: Degre


@dataclass(frozen=True)
class RangeePortrait:
    """Une compétence dans la table du radar : ce que dit chaque voix, `None` si elle n'en a rien dit."""

    code: str
    intitule: str
    degres: tuple[Degre | None, ...]


@dataclass(frozen=True)
class Portrait:
    """Le radar à une date, et la table qui dit la même chose."""

    jour: datetime.date
    voix: tuple[str, ...]
    rangees: tuple[RangeePortrait, ...]
    echelle: tuple[str, ...]
    tuteur: MotTuteur

    @property
    def noms(self) -> list[str]:
        return [self.nom(voix) for voix in self.voix]

    def nom(self, voix: str) -> str:
        """Qui parle ; en entreprise, dans le mot du diplôme."""
        mot = str(self.tuteur)
        return VOIX[voix][0] or f"{mot[0].upper()}{mot[1:]}"

    @cached_property
    def dessins(self) -> tuple[str, ...]:
        rangs = {code: rang for rang, code in enumerate(self.echelle)}
        traces = tuple(
            graphiques.TraceRadar(
                self.nom(voix),
                VOIX[voix][1],
                tuple(rangs[d.code] if (d := rangee.degres[place]) else None for rangee in self.rangees),
            )
            for place, voix in enumerate(self.voix)
        )
        codes = tuple(rangee.code for rangee in self.rangees)
        return graphiques.portrait(codes, self.echelle, traces, "radar", "Portrait des compétences")


def dit_par(avis: Iterable[Avis], voix: str) -> Avis | None:
    """Meilleur niveau donné par les enseignants ou le tuteur ; pour l'élève, ce qu'il a dit en dernier."""
    siens = [un for un in avis if un.voix == voix]
    if voix == ELEVE:
        return max(siens, key=lambda un: un.date, default=None)
    return max(siens, key=lambda un: (un.degre.valeur, un.date), default=None)
