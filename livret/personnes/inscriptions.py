"""Un élève tel qu'il est, ou était, inscrit sous un référentiel : promotion, option, statut.

Chaque preuve se lit sous le référentiel où elle a été donnée. Un élève qui en a changé se montre donc, dans
une classe, un bilan ou un dossier d'avant, tel qu'il y était. Ces objets ne s'enregistrent pas.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

from django.db.models import QuerySet

from livret.personnes.models.changement import ChangementDePromotion
from livret.personnes.models.classe import Promotion
from livret.personnes.models.eleve import Eleve
from trpm.base.preparees import Preparee

RELATIONS = ("avant__referentiel", "avant__etablissement", "option_avant", "statut_avant__voie")


def tels_qu_inscrits(couples: Iterable[tuple[Eleve, Promotion]]) -> list[Eleve]:
    """Chaque élève tel qu'il est, ou était, sous le référentiel de la promotion qui va avec lui.

    Les élèves viennent avec leur option. Une requête s'il en est qui ont changé de référentiel, aucune sinon.
    Sans trace d'un changement, l'élève est montré comme un élève de cette promotion.
    """
    demandes = list(couples)
    partis = {
        eleve.pk for eleve, promotion in demandes if eleve.option.referentiel_id != promotion.referentiel_id
    }
    if not partis:
        return [eleve for eleve, _ in demandes]
    quittees = _quittees(partis)
    return [
        eleve
        if eleve.option.referentiel_id == promotion.referentiel_id
        else _tel(eleve, quittees.get((eleve.pk, promotion.referentiel_id)), promotion)
        for eleve, promotion in demandes
    ]


def tels_qu_avant(eleve: Eleve) -> list[Eleve]:
    """L'élève sous chaque référentiel qu'il a quitté, le plus récent d'abord. Une requête."""
    ici = eleve.promotion.referentiel_id
    return [_tel(eleve, un, un.avant) for (_, ref), un in _quittees({eleve.pk}).items() if ref != ici]


def _quittees(eleves: Iterable[int]) -> dict[tuple[int, int], ChangementDePromotion]:
    """Par élève et référentiel quitté, le dernier changement qui l'en a fait sortir."""
    quittees: dict[tuple[int, int], ChangementDePromotion] = {}
    for un in _changements(tuple(sorted(set(eleves)))):
        quittees.setdefault((un.eleve_id, un.avant.referentiel_id), un)
    return quittees


@Preparee
def _changements(eleves: tuple[int, ...]) -> QuerySet[ChangementDePromotion, ChangementDePromotion]:
    return ChangementDePromotion.objects.filter(eleve__in=eleves).select_related(*RELATIONS)


def _tel(eleve: Eleve, quittee: ChangementDePromotion | None, promotion: Promotion) -> Eleve:
    tel = copy.copy(eleve)
    tel.promotion = quittee.avant if quittee else promotion
    tel.option = quittee.option_avant if quittee else promotion.option
    tel.statut = quittee.statut_avant if quittee else None
    tel.numero_candidat = quittee.numero_avant if quittee else ""
    return tel
