"""Ce que l'on attend d'une compétence, semestre après semestre, et où l'on en est. Module pur.

Un niveau est ici sa valeur entière dans l'échelle ; `None` veut dire « inconnu », jamais zéro.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

SEMESTRES = {1: "2de S1", 2: "2de S2", 3: "1re S1", 4: "1re S2", 5: "Tle S1", 6: "Tle S2"}


class Position(Enum):
    """Où se trouve un niveau démontré par rapport au niveau attendu ; `value` est le mot affiché."""

    AVANCE = "en avance"
    ATTENDU = "attendu"
    RETARD = "en retard"
    NON_EVALUEE = "jamais évaluée"
    SANS_ATTENTE = "sans attente"

    @property
    def code(self) -> str:
        return self.name.lower().replace("_", "-")


class Vue(Enum):
    """Ce qu'un élève a montré d'une compétence détaillée."""

    JAMAIS = "jamais vue"
    UNE_FOIS = "vue une fois"
    PLUSIEURS_FOIS = "vue plusieurs fois"
    ATTEINTE = "attendu atteint"

    @property
    def code(self) -> str:
        return self.name.lower().replace("_", "-")


def vue(valeurs: Collection[int], attente: int | None) -> Vue:
    """État d'une compétence détaillée d'après les niveaux constatés, un par situation.

    Sans niveau attendu, rien n'est « atteint » : on ne sait que si elle a été vue.
    """
    if not valeurs:
        return Vue.JAMAIS
    if attente is not None and max(valeurs) >= attente:
        return Vue.ATTEINTE
    return Vue.UNE_FOIS if len(valeurs) == 1 else Vue.PLUSIEURS_FOIS


def attendu(attentes: Mapping[int, int], semestre: int) -> int | None:
    """Niveau attendu à un semestre : celui du dernier semestre renseigné qui ne le dépasse pas."""
    connus = [rang for rang in attentes if rang <= semestre]
    return attentes[max(connus)] if connus else None


def position(valeur: int | None, attente: int | None) -> Position:
    """Ne jamais avoir été évalué n'est pas être en retard : on n'en sait rien."""
    if attente is None:
        return Position.SANS_ATTENTE
    if valeur is None:
        return Position.NON_EVALUEE
    if valeur == attente:
        return Position.ATTENDU
    return Position.AVANCE if valeur > attente else Position.RETARD


def semestre_courant(session: int, jour: datetime.date) -> int | None:
    """Semestre du cycle (1 à 6) où en est, ce jour, la promotion d'une session ; `None` avant la 2de.

    L'année scolaire commence au 1er août, le second semestre en février ; après l'examen, on reste au 6.
    """
    rentree = jour.year if jour.month >= 8 else jour.year - 1
    rang = 2 * (rentree - session + 3) + (2 if 2 <= jour.month <= 7 else 1)
    return min(rang, 6) if rang >= 1 else None


@dataclass(frozen=True)
class Attentes:
    """L'échelle en vigueur d'une promotion : par code de compétence, et par détaillée si elle le précise."""

    competences: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    detaillees: Mapping[int, Mapping[int, int]] = field(default_factory=dict)

    def attendu(self, competence: str, semestre: int | None, detaillee: int = 0) -> int | None:
        """Niveau attendu ; une détaillée sans attente propre suit sa compétence."""
        if semestre is None:
            return None
        propre = attendu(self.detaillees.get(detaillee, {}), semestre)
        return attendu(self.competences.get(competence, {}), semestre) if propre is None else propre

    def position(
        self, competence: str, valeur: int | None, semestre: int | None, detaillee: int = 0
    ) -> Position:
        return position(valeur, self.attendu(competence, semestre, detaillee))
