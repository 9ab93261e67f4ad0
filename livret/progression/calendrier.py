"""Les semaines d'une année scolaire et ce que l'on y pose. Module pur."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from livret import annee

SEMAINE = datetime.timedelta(days=7)
MOIS = ("janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")

T = TypeVar("T")


def lundi(jour: datetime.date) -> datetime.date:
    return jour - datetime.timedelta(days=jour.weekday())


def dimanche(jour: datetime.date) -> datetime.date:
    return lundi(jour) + datetime.timedelta(days=6)


def semaines(rentree: int) -> tuple[datetime.date, ...]:
    """Lundis de l'année scolaire : de la semaine du 1er septembre à celle du 5 juillet.

    Les vacances dépendent de l'académie : aucune semaine n'est retirée, l'établissement dit les siennes.
    """
    premier, dernier = map(lundi, annee.cours(rentree))
    return tuple(premier + rang * SEMAINE for rang in range((dernier - premier).days // 7 + 1))


def rentree_de(jour: datetime.date) -> int:
    """Année de rentrée de la semaine de ce jour."""
    return annee.rentree(annee.jeudi(jour))


def second_semestre(semaine: datetime.date, depuis: annee.MoisJour = annee.SECOND_SEMESTRE) -> bool:
    return annee.second_semestre(annee.jeudi(semaine), depuis)


def mois_de(rentree: int) -> list[tuple[str, int]]:
    """Noms des mois et nombre de semaines de chacun (une semaine est du mois de son jeudi)."""
    jeudis = map(annee.jeudi, semaines(rentree))
    return [(MOIS[mois - 1], len(list(groupe))) for mois, groupe in groupby(jeudis, lambda jour: jour.month)]


def couvertes(
    debut: datetime.date, fin: datetime.date, periodes: Iterable[tuple[datetime.date, datetime.date]]
) -> bool:
    """Toutes les semaines de `debut` à `fin` sont dans l'une de ces périodes, faites de semaines entières."""
    prises = list(periodes)
    voulues = range((lundi(fin) - lundi(debut)).days // 7 + 1)
    jours = (lundi(debut) + rang * SEMAINE for rang in voulues)
    return all(any(du <= jour <= au for du, au in prises) for jour in jours)


@dataclass(frozen=True)
class Pose(Generic[T]):
    """Ce qui occupe des semaines : `debut` un lundi, `fin` un jour de la dernière semaine."""

    objet: T
    debut: datetime.date
    fin: datetime.date

    @property
    def duree(self) -> int:
        return (lundi(self.fin) - self.debut).days // 7 + 1


def couloirs(poses: Iterable[Pose[T]]) -> list[list[Pose[T]]]:
    """Range les poses sur le moins de couloirs possible, sans que deux s'y chevauchent."""
    rangees: list[list[Pose[T]]] = []
    for pose in sorted(poses, key=lambda une: (une.debut, une.fin)):
        libre = next((rangee for rangee in rangees if lundi(rangee[-1].fin) < pose.debut), None)
        if libre is None:
            rangees.append([pose])
        else:
            libre.append(pose)
    return rangees
