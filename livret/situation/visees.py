"""Ce que vise une situation : ses compétences et leurs détails, en colonnes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from livret.situation.colonnes import (
    COMPETENCE,
    DETAILLEE,
    ColonneVisee,
    CompetenceVisee,
)
from livret.situation.models.modele import ModeleSituation
from livret.situation.models.situation import Situation
from referentiel.models import Competence, Critere, Detaillee
from trpm.base.preparees import Preparee


class Visees(NamedTuple):
    """Les compétences de ces détails, et celles-ci ; toutes, pour `None`."""

    detaillees: tuple[int, ...] | None
    competences: tuple[int, ...] | None

    def parmi(self, chemin: str) -> Q:
        if self.detaillees is None:
            return Q()
        leurs = Detaillee._base_manager.filter(pk__in=self.detaillees).values("competence")
        return Q(**{f"{chemin}__in": self.competences}) | Q(**{f"{chemin}__in": leurs})


TOUT = Visees(None, None)


_DETAILLEE = (
    "pk",
    "code",
    "intitule",
    "option_id",
    "option__code",
    "competence_id",
    "competence__code",
    "competence__intitule",
    "competence__ordre",
    "poids",
    "parent_id",
    "grille_id",
)


_COMPETENCE = ("pk", "code", "intitule", "ordre")


@Preparee
def detaillees_visees(
    situation: int, detaillees: tuple[int, ...] | None, competences: tuple[int, ...] | None
) -> QuerySet[Detaillee, tuple[Any, ...]]:
    """Les détails cochés, et les critères de toutes les compétences visées."""
    coches = Situation.detaillees.through._default_manager.filter(situation=situation)
    visees = Detaillee._base_manager.filter(
        Visees(detaillees, competences).parmi("competence"),
        Q(pk__in=coches.values("detaillee")) | Q(pk__in=_criteres(situation).values("pk")),
    )
    return visees.order_by("ordre", "pk").values_list(*_DETAILLEE)


def _criteres(situation: int) -> QuerySet[Critere]:
    """Ceux qu'évalue la grille de la promotion, si elle en positionne."""
    visees = Competence.objects.filter(Q(situations=situation) | Q(detaillees__situations=situation))
    return Critere.objects.evalues().filter(
        grille__promotions__classes__situations=situation, competence__in=visees
    )


@Preparee
def competences_visees(
    situation: int, competences: tuple[int, ...] | None
) -> QuerySet[Competence, tuple[Any, ...]]:
    visees = Competence.objects.filter(situations=situation)
    choisies = visees if competences is None else visees.filter(pk__in=competences)
    return choisies.values_list(*_COMPETENCE)


def groupes_vises(vise: Situation | ModeleSituation) -> tuple[CompetenceVisee, ...]:
    """Les compétences dont un détail est visé, et celles qui le sont sans détail."""
    if isinstance(vise, Situation):
        return groupes_de(detaillees_visees(vise.pk, *TOUT), competences_visees(vise.pk, None))
    detaillees = vise.detaillees.order_by("ordre", "pk").values_list(*_DETAILLEE)
    return groupes_de(detaillees, vise.competences.values_list(*_COMPETENCE))


def groupes_coches(
    detaillees: QuerySet[Detaillee], competences: QuerySet[Competence], grille: int
) -> tuple[CompetenceVisee, ...]:
    """De même, avant qu'une situation existe : ces détails, ces compétences et leurs critères."""
    parents = Q(competence__in=competences.values("pk")) | Q(competence__in=detaillees.values("competence"))
    criteres = Critere.objects.evalues().filter(parents, grille=grille)
    visees = Detaillee._base_manager.filter(
        Q(pk__in=detaillees.order_by().values("pk")) | Q(pk__in=criteres.values("pk"))
    )
    return groupes_de(
        visees.order_by("ordre", "pk").values_list(*_DETAILLEE), competences.values_list(*_COMPETENCE)
    )


def groupes_de(
    detaillees: Iterable[tuple[Any, ...]], cochees: Iterable[tuple[Any, ...]]
) -> tuple[CompetenceVisee, ...]:
    competences: dict[int, tuple[int, ColonneVisee]] = {}
    details: dict[int, list[ColonneVisee]] = defaultdict(list)
    for pk, code, intitule, option_id, option, de, de_code, de_intitule, ordre, *pese in detaillees:
        poids, parent_id, grille = pese
        colonne = ColonneVisee(
            DETAILLEE,
            pk,
            code,
            intitule,
            option_id,
            option or "",
            Fraction(1) if poids is None else Fraction(poids),
            parent_id,
            grille is not None,
        )
        details[de].append(colonne)
        competences.setdefault(de, (ordre, ColonneVisee(COMPETENCE, de, de_code, de_intitule)))
    for pk, code, intitule, ordre in cochees:
        competences.setdefault(pk, (ordre, ColonneVisee(COMPETENCE, pk, code, intitule)))
    return tuple(
        _visee(details[pk], colonne)
        for pk, (_, colonne) in sorted(competences.items(), key=lambda une: (une[1][0], une[0]))
    )


def _visee(details: list[ColonneVisee], competence: ColonneVisee) -> CompetenceVisee:
    """Ses détails, puis ses critères ; avec eux, son niveau se déduit."""
    ranges = tuple(sorted(details, key=lambda une: une.critere))
    return CompetenceVisee(ranges, replace(competence, deduite=any(une.critere for une in ranges)))
