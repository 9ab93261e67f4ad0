"""La progression d'une promotion : les semaines de son cycle, telles que la page et l'A3 les montrent."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch

from livret.annee import entree
from livret.personnes.models.classe import Promotion
from livret.progression.calendrier import (
    Pose,
    couloirs,
    couvertes,
    lundi,
    mois_de,
    rentree_de,
    second_semestre,
    semaines,
)
from livret.progression.models.sequence import PfmpPrevue, SansCours, Sequence
from referentiel.models import Tache
from trpm.dates import date_dite


@dataclass(frozen=True)
class Semaine:
    lundi: datetime.date
    numero: int
    semestre: int
    pfmp: bool
    bascule: bool
    courante: bool
    sans_cours: str = ""

    @property
    def dite(self) -> str:
        """Ce que l'on sait d'elle, en toutes lettres."""
        suites = ["PFMP"] * self.pfmp + [f"sans cours\xa0: {self.sans_cours}"] * bool(self.sans_cours)
        return ", ".join([f"Semaine du {date_dite(self.lundi)}", *suites])


@dataclass(frozen=True)
class Creneau:
    """Une case du calendrier : une séquence sur ses semaines, ou une semaine libre."""

    semaine: Semaine
    duree: int = 1
    sequence: Sequence | None = None


@dataclass(frozen=True)
class AnneeDeProgression:
    niveau: str
    rentree: int
    semaines: tuple[Semaine, ...]
    mois: tuple[tuple[str, int], ...]
    semestres: tuple[tuple[int, int], ...]
    couloirs: tuple[tuple[Creneau, ...], ...]

    def __str__(self) -> str:
        return f"{self.niveau}, {self.rentree}-{self.rentree + 1}"


@dataclass(frozen=True)
class Progression:
    promotion: Promotion
    annees: tuple[AnneeDeProgression, ...]
    sequences: tuple[Sequence, ...]
    pfmp: tuple[PfmpPrevue, ...]
    sans_cours: tuple[SansCours, ...]

    @property
    def sans_aucun_cours(self) -> tuple[Sequence, ...]:
        """Séquences posées tout entières sur des semaines sans cours."""
        periodes = [(une.debut, une.fin) for une in self.sans_cours]
        return tuple(une for une in self.sequences if couvertes(une.debut, une.fin, periodes))

    @property
    def semaines_pfmp(self) -> int:
        return sum(periode.semaines for periode in self.pfmp)


def progression(promotion: Promotion, jour: datetime.date) -> Progression:
    """Séquences prévues et PFMP de la promotion. Sept requêtes, quel que soit leur nombre."""
    ordonnees = Tache.objects.order_by("activite__ordre", "ordre", "pk")
    taches = Prefetch("taches", queryset=ordonnees)
    taches_evaluees = Prefetch("taches_evaluees", queryset=ordonnees)
    sequences = tuple(
        Sequence.objects.filter(promotion=promotion)
        .prevues()
        .select_related("classe")
        .prefetch_related("competences", "competences_evaluees", taches, taches_evaluees)
    )
    pfmp = tuple(PfmpPrevue.objects.filter(promotion=promotion))
    cycle = promotion.referentiel.cycle
    rentree = entree(cycle, promotion.session)
    sans_cours = tuple(
        SansCours.objects.filter(
            etablissement=promotion.etablissement_id,
            fin__gte=semaines(rentree)[0],
            debut__lte=semaines(rentree + cycle.duree - 1)[-1],
        )
    )
    annees = tuple(
        _annee(niveau, rentree + rang, sequences, pfmp, sans_cours, jour, promotion)
        for rang, niveau in enumerate(cycle.annees)
    )
    return Progression(promotion, annees, sequences, pfmp, sans_cours)


def _annee(
    niveau: str,
    rentree: int,
    sequences: Iterable[Sequence],
    pfmp: Iterable[PfmpPrevue],
    sans_cours: Iterable[SansCours],
    jour: datetime.date,
    promotion: Promotion,
) -> AnneeDeProgression:
    premier, _ = promotion.referentiel.cycle.semestres_de(niveau)
    en_pfmp = {un for un in semaines(rentree) for periode in pfmp if periode.debut <= un <= periode.fin}
    vides = {
        un: periode.libelle
        for un in semaines(rentree)
        for periode in sans_cours
        if periode.debut <= un <= periode.fin
    }
    depuis = promotion.etablissement.second_semestre
    rangs = [premier + second_semestre(un, depuis) for un in semaines(rentree)]
    cases = tuple(
        Semaine(
            un,
            un.isocalendar().week,
            rang,
            un in en_pfmp,
            rang != avant,
            un == lundi(jour),
            vides.get(un, ""),
        )
        for un, rang, avant in zip(semaines(rentree), rangs, [premier, *rangs], strict=False)
    )
    poses = [Pose(une, une.debut, une.fin) for une in sequences if rentree_de(une.debut) == rentree]
    return AnneeDeProgression(
        niveau,
        rentree,
        cases,
        tuple(mois_de(rentree)),
        tuple((rang, rangs.count(rang)) for rang in dict.fromkeys(rangs)),
        tuple(_creneaux(cases, rangee) for rangee in couloirs(poses)),
    )


def _creneaux(cases: tuple[Semaine, ...], rangee: list[Pose[Sequence]]) -> tuple[Creneau, ...]:
    debuts = {pose.debut: pose for pose in rangee}
    creneaux: list[Creneau] = []
    saute = 0
    for case in cases:
        if saute:
            saute -= 1
        elif pose := debuts.get(case.lundi):
            creneaux.append(Creneau(case, pose.duree, pose.objet))
            saute = pose.duree - 1
        else:
            creneaux.append(Creneau(case))
    return tuple(creneaux)
