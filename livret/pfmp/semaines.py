"""Semaines de PFMP : jours prévus, jours faits, semaines comptées. Module pur.

La cible n'est pas une règle du diplôme : elle se lit dans le référentiel, et rien ne bloque
la certification quand elle n'est pas atteinte (Q27).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from trpm.textes import pluriel

JOURS_PAR_SEMAINE = 5
ZERO = Decimal(0)


def jours_ouvres(debut: datetime.date, fin: datetime.date, par_semaine: int = JOURS_PAR_SEMAINE) -> int:
    """Jours de travail d'un séjour : du lundi au vendredi (au samedi pour une semaine de six jours),
    et jamais plus de `par_semaine` dans une même semaine. Les jours fériés ne sont pas ôtés."""
    dernier = max(par_semaine, JOURS_PAR_SEMAINE)
    jours = (debut + datetime.timedelta(rang) for rang in range((fin - debut).days + 1))
    semaines = Counter(jour.isocalendar()[:2] for jour in jours if jour.isoweekday() <= dernier)
    return sum(min(nombre, par_semaine) for nombre in semaines.values())


@dataclass(frozen=True)
class Presence:
    """Un séjour, réduit à ce qui se compte ; `jours` remplace le décompte d'après les dates."""

    debut: datetime.date
    fin: datetime.date
    par_semaine: int = JOURS_PAR_SEMAINE
    jours: int | None = None
    rattrapage: bool = False

    @property
    def prevus(self) -> int:
        return self._ouvres(self.fin) if self.jours is None else self.jours

    def faits(self, jour: datetime.date) -> int:
        """Jours passés en entreprise, ce jour compris."""
        return self.prevus if jour >= self.fin else min(self.prevus, self._ouvres(jour))

    def _ouvres(self, fin: datetime.date) -> int:
        par_semaine = max(self.par_semaine, 6) if self.rattrapage else self.par_semaine
        return jours_ouvres(self.debut, fin, par_semaine) if fin >= self.debut else 0


@dataclass(frozen=True)
class Manque:
    """Une absence, réduite à ce qui se compte."""

    debut: datetime.date
    jours: Decimal
    rattrapee: bool = False
    fin: datetime.date | None = None

    def passes(self, jour: datetime.date, presences: Iterable[Presence]) -> Decimal:
        """Jours déjà manqués, ce jour compris : une absence en cours ne retire pas ses jours à venir."""
        if jour < self.debut:
            return ZERO
        if self.fin is None or jour >= self.fin:
            return self.jours
        tenue = next((une for une in presences if une.debut <= self.debut <= une.fin), None)
        return min(self.jours, ZERO + jours_ouvres(self.debut, jour, tenue.par_semaine if tenue else 5))


def jours_faits(presences: Iterable[Presence], manques: Iterable[Manque], jour: datetime.date) -> Decimal:
    """Jours effectués d'une PFMP à ce jour : les présences, moins les absences non rattrapées.

    Un même rattrapage peut se lire deux fois, dans un séjour de rattrapage et dans l'absence dite
    rattrapée : il ne compte qu'une fois, pour le plus grand des deux nombres.
    """
    presences = list(presences)
    absences = [(manque, manque.passes(jour, presences)) for manque in manques]
    rendus = max(
        ZERO + sum(une.faits(jour) for une in presences if une.rattrapage),
        sum((jours for absence, jours in absences if absence.rattrapee), ZERO),
    )
    ordinaires = sum(une.faits(jour) for une in presences if not une.rattrapage)
    return max(ZERO, ordinaires - sum((jours for _, jours in absences), ZERO) + rendus)


@dataclass(frozen=True)
class Semaines:
    """Ce qu'un élève a fait de ses PFMP, ce qui lui est encore prévu, et la cible s'il y en a une.

    `ailleurs` : ce qui, de ces jours, fut fait dans un autre établissement, et lequel.
    """

    jours: Decimal
    prevus: Decimal
    cible: int | None
    ailleurs: tuple[tuple[str, Decimal], ...] = ()

    @property
    def faites(self) -> Decimal:
        return self.jours / JOURS_PAR_SEMAINE

    @property
    def prevues(self) -> Decimal:
        """Semaines faites à la fin de tout ce qui est inscrit, si rien ne manque d'ici là."""
        return self.prevus / JOURS_PAR_SEMAINE

    @property
    def restantes(self) -> Decimal:
        return max(ZERO, (self.cible or ZERO) - self.faites)

    @property
    def texte(self) -> str:
        """« 12,4 / 22 semaines »."""
        cible = "" if self.cible is None else f"\xa0/\xa0{self.cible}"
        nombre = self.faites if self.cible is None else self.cible
        return f"{decimales(self.faites)}{cible}\xa0semaine{pluriel(nombre)}{self.provenance}"

    @property
    def provenance(self) -> str:
        """« , dont 4 à Lycée d'avant (0400740M) »."""
        dits = [f"{decimales(jours / JOURS_PAR_SEMAINE)} à {origine}" for origine, jours in self.ailleurs]
        return f", dont {', '.join(dits)}" if dits else ""


def decimales(nombre: Decimal) -> str:
    """À la française, sans décimale inutile : « 12,4 », « 3 »."""
    arrondi = nombre.quantize(Decimal("0.1"))
    return f"{arrondi.normalize():f}".replace(".", ",")
