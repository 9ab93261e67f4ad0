"""L'année scolaire, ses deux semestres, et le cycle qui mène à une session. Module pur.

Une année scolaire se nomme par son année de rentrée, commence au 1er août et finit au 31 juillet ; son
second semestre commence au 1er février, ou au jour que dit l'établissement (`depuis`, mois et jour), et un
fait de ce jour-là en est (Q51). La dernière année d'un cycle est celle de la session.
"""

from __future__ import annotations

import datetime

from referentiel.reglement.commission import CYCLE, ReglesCommission
from referentiel.reglement.cycle import Cycle

MoisJour = tuple[int, int]
SECOND_SEMESTRE: MoisJour = (2, 1)


def rentree(jour: datetime.date) -> int:
    """Année de rentrée de l'année scolaire où tombe ce jour."""
    return jour.year if jour.month >= 8 else jour.year - 1


def premier_jour(annee: int) -> datetime.date:
    return datetime.date(annee, 8, 1)


def dernier_jour(annee: int) -> datetime.date:
    return datetime.date(annee + 1, 7, 31)


def cours(annee: int) -> tuple[datetime.date, datetime.date]:
    """Du premier au dernier jour où l'on propose de placer une situation ou une séquence."""
    return datetime.date(annee, 9, 1), datetime.date(annee + 1, 7, 5)


def ramene(jour: datetime.date, debut: datetime.date, fin: datetime.date) -> datetime.date:
    """Ce jour, ramené entre deux autres."""
    return min(max(jour, debut), fin)


def debut_du_second(annee: int, depuis: MoisJour = SECOND_SEMESTRE) -> datetime.date:
    """Premier jour du second semestre d'une année scolaire."""
    return datetime.date(annee + (depuis[0] < 8), *depuis)


def fin_de_semestre(annee: int, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE) -> datetime.date:
    """Dernier jour de cours du semestre où tombe ce jour, dans cette année scolaire."""
    bascule = debut_du_second(annee, depuis)
    return bascule - datetime.timedelta(days=1) if jour < bascule else cours(annee)[1]


def second_semestre(jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE) -> bool:
    return jour >= debut_du_second(rentree(jour), depuis)


def jeudi(jour: datetime.date) -> datetime.date:
    """Jeudi de la semaine de ce jour : une semaine est de l'année, du semestre et du mois de son jeudi."""
    return jour + datetime.timedelta(days=3 - jour.weekday())


def entree(cycle: Cycle, session: int) -> int:
    """Année de rentrée de l'entrée dans le cycle d'une session."""
    return session - cycle.duree


def compte_depuis(cycle: Cycle, regles: ReglesCommission, session: int) -> datetime.date:
    """Premier jour dont une situation certificative compte d'office pour cette session (Q8)."""
    return premier_jour(entree(cycle, session)) if regles.retenues == CYCLE else datetime.date(session, 1, 1)


def semestre_du_cycle(
    cycle: Cycle, annee: str, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE
) -> int:
    """Semestre du cycle d'un jour passé dans une classe de cette année du cycle."""
    return cycle.semestres_de(annee)[second_semestre(jour, depuis)]


def semestre_de_session(
    cycle: Cycle, session: int, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE
) -> int:
    """Semestre d'un jour dans le cycle d'une session ; hors du cycle avant et après lui."""
    return 2 * (rentree(jour) - entree(cycle, session)) + 1 + second_semestre(jour, depuis)


def semestre_courant(
    cycle: Cycle, session: int, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE
) -> int | None:
    """Semestre où en est, ce jour, la promotion d'une session ; `None` avant le cycle, le dernier après."""
    rang = semestre_de_session(cycle, session, jour, depuis)
    return min(rang, len(cycle.semestres)) if rang >= 1 else None


def avancee(cycle: Cycle, session: int, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE) -> float:
    """Place d'un jour dans le cycle, de 0 (premier jour) au nombre de ses semestres ; sa partie entière est
    celle du semestre."""
    annee = rentree(jour)
    milieu = debut_du_second(annee, depuis)
    bornes = (milieu, premier_jour(annee + 1)) if jour >= milieu else (premier_jour(annee), milieu)
    part = (jour - bornes[0]) / (bornes[1] - bornes[0])
    return min(max(semestre_de_session(cycle, session, jour, depuis) - 1 + part, 0), len(cycle.semestres))
