"""L'année scolaire, ses deux semestres, et le cycle qui mène à une session. Module pur.

Une année scolaire se nomme par son année de rentrée, commence au 1er août et finit au 31 juillet ; son
second semestre commence au 1er février, ou au jour que dit l'établissement (`depuis`, mois et jour), et un
fait de ce jour-là en est (Q51). Un cycle compte trois années, la dernière étant celle de la session ; ses
semestres se numérotent de 1 à 6.
"""

from __future__ import annotations

import datetime

SEMESTRES = {1: "2de S1", 2: "2de S2", 3: "1re S1", 4: "1re S2", 5: "Tle S1", 6: "Tle S2"}
NIVEAUX = ("2de", "1re", "Tle")
ANNEES = len(NIVEAUX)
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


def second_semestre(jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE) -> bool:
    return jour >= debut_du_second(rentree(jour), depuis)


def jeudi(jour: datetime.date) -> datetime.date:
    """Jeudi de la semaine de ce jour : une semaine est de l'année, du semestre et du mois de son jeudi."""
    return jour + datetime.timedelta(days=3 - jour.weekday())


def entree(session: int) -> int:
    """Année de rentrée de l'entrée dans le cycle d'une session."""
    return session - ANNEES


def semestres_de(niveau: str) -> tuple[int, int]:
    """Les deux semestres du cycle qu'une classe de ce niveau parcourt."""
    premier = 2 * NIVEAUX.index(niveau) + 1
    return premier, premier + 1


def semestre_du_cycle(niveau: str, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE) -> int:
    """Semestre, de 1 à 6, d'un jour passé dans une classe de ce niveau."""
    return semestres_de(niveau)[second_semestre(jour, depuis)]


def semestre_de_session(session: int, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE) -> int:
    """Semestre d'un jour dans le cycle d'une session ; hors de 1 à 6 avant et après le cycle."""
    return 2 * (rentree(jour) - entree(session)) + 1 + second_semestre(jour, depuis)


def semestre_courant(session: int, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE) -> int | None:
    """Semestre où en est, ce jour, la promotion d'une session ; `None` avant le cycle, le dernier après."""
    rang = semestre_de_session(session, jour, depuis)
    return min(rang, len(SEMESTRES)) if rang >= 1 else None


def avancee(session: int, jour: datetime.date, depuis: MoisJour = SECOND_SEMESTRE) -> float:
    """Place d'un jour dans le cycle, de 0 (premier jour) à 6 ; sa partie entière est celle du semestre."""
    annee = rentree(jour)
    milieu = debut_du_second(annee, depuis)
    bornes = (milieu, premier_jour(annee + 1)) if jour >= milieu else (premier_jour(annee), milieu)
    part = (jour - bornes[0]) / (bornes[1] - bornes[0])
    return min(max(semestre_de_session(session, jour, depuis) - 1 + part, 0), len(SEMESTRES))
