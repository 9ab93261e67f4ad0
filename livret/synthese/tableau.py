"""Le tableau de bord d'une classe : de chaque élève, le meilleur niveau de chaque compétence.

Une classe porte des milliers d'évaluations, son tableau quelques centaines de cases : on n'y lit que des
valeurs, et l'on ne garde de chaque case que la preuve qui l'emporte, par la règle de `niveaux`.
"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet

from livret.evaluation.models import Evaluation
from livret.personnes.models.classe import AnneeScolaire, Classe
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from livret.situation.temps import commencee_avant
from livret.synthese.cadre import CadreLivret, cadres, titre
from livret.synthese.ligne import CaseTableau
from referentiel.correspondance import LectureDeGrille
from referentiel.echelle import Echelle
from referentiel.models import Competence, Epreuve
from trpm.base.preparees import Preparee

ECARTE = -math.inf
"""La valeur d'un niveau que la grille ne lit pas : il ne se montre que faute d'un autre."""
Acte = tuple[float, datetime.date, int, int]
"""Une valeur, quand, dans quelle situation, quel niveau ; celui qui l'emporte est le plus grand."""


@dataclass(frozen=True)
class ActesMontres:
    """De chaque compétence d'un élève, l'acte qui l'emporte ; et tous les niveaux qu'on lui a donnés."""

    cadre: CadreLivret
    meilleurs: dict[int, Acte] = field(default_factory=dict)
    niveaux: set[int] = field(default_factory=set)


class OuDonne(NamedTuple):
    """Une situation telle que la case d'un tableau la nomme."""

    intitule: str
    lieu: str
    fin: datetime.date


@dataclass(frozen=True)
class RangeeTableau:
    """Un élève et ses compétences."""

    eleve: Eleve
    echelle: Echelle
    lignes: tuple[CaseTableau, ...]
    epreuves: tuple[tuple[str, str], ...]
    correspondances: tuple[str, ...] = ()

    @cached_property
    def evaluees(self) -> int:
        return sum(une.valeur is not None for une in self.lignes)


@dataclass(frozen=True)
class ColonneTableau:
    """Une compétence sur toute la classe."""

    code: str
    intitule: str
    epreuve: str
    evalues: int


@dataclass(frozen=True)
class Tableau:
    """Les élèves d'une classe côte à côte, compétence par compétence."""

    livrets: tuple[RangeeTableau, ...]
    colonnes: tuple[ColonneTableau, ...]
    epreuves: tuple[tuple[str, str, int], ...]

    @property
    def echelles(self) -> list[Echelle]:
        """Celles de ces élèves, chacune une fois."""
        return list(dict.fromkeys(livret.echelle for livret in self.livrets))

    @cached_property
    def correspondances(self) -> list[str]:
        return list(dict.fromkeys(phrase for livret in self.livrets for phrase in livret.correspondances))

    @property
    def rangees(self) -> list[tuple[RangeeTableau, list[CaseTableau | None]]]:
        """Chaque élève et ses cases dans l'ordre des colonnes ; `None` hors de son option."""
        rangees = []
        for livret in self.livrets:
            lignes = {(ligne.epreuve, ligne.code): ligne for ligne in livret.lignes}
            rangees.append((livret, [lignes.get((c.epreuve, c.code)) for c in self.colonnes]))
        return rangees

    @cached_property
    def jamais_evaluees(self) -> tuple[ColonneTableau, ...]:
        return tuple(colonne for colonne in self.colonnes if not colonne.evalues)


def tableau(eleves: Iterable[Eleve], classe: Classe) -> Tableau:
    """Tableau de bord de ces élèves dans cette classe, situations ouvertes comprises.

    Trois requêtes ; sept quand le cadre n'est pas gardé.

    Les élèves doivent venir avec leur promotion et leur option.
    """
    tenus = _rangees(list(eleves), classe)
    modeles: dict[tuple[str, str], CaseTableau] = {}
    evalues: Counter[tuple[str, str]] = Counter()
    for livret in tenus:
        for ligne in livret.lignes:
            modeles.setdefault((ligne.epreuve, ligne.code), ligne)
            evalues[ligne.epreuve, ligne.code] += ligne.valeur is not None
    intitules = dict(epreuve for livret in tenus for epreuve in livret.epreuves)
    par_epreuve: dict[str, list[ColonneTableau]] = {code: [] for code in intitules}
    for (epreuve, code), ligne in modeles.items():
        par_epreuve[epreuve].append(ColonneTableau(code, ligne.intitule, epreuve, evalues[epreuve, code]))
    return Tableau(
        tuple(tenus),
        tuple(colonne for siennes in par_epreuve.values() for colonne in siennes),
        tuple((code, intitule, len(par_epreuve[code])) for code, intitule in intitules.items()),
    )


def _rangees(eleves: list[Eleve], classe: Classe) -> list[RangeeTableau]:
    notees, lieux = _actes(eleves, classe)
    versions = {eleve.promotion.grille_id: eleve.promotion.referentiel_id for eleve in eleves}
    tenus = cadres(versions, details=False)
    montres = {eleve.pk: ActesMontres(tenus[eleve.promotion.grille_id]) for eleve in eleves}
    _retenir(notees, lieux, montres)
    places: dict[tuple[int, int, frozenset[int]], list[tuple[Competence, tuple[Epreuve, ...]]]] = {}
    rangees = []
    for eleve in eleves:
        siens = montres[eleve.pk]
        cle = (eleve.promotion.grille_id, eleve.option_id, frozenset(siens.meilleurs))
        if cle not in places:
            codes = [siens.cadre.codes[une] for une in siens.meilleurs]
            places[cle] = siens.cadre.rangees(eleve.option_id, codes)
        rangees.append(_rangee(eleve, siens, places[cle], lieux))
    return rangees


def _actes(eleves: list[Eleve], classe: Classe) -> tuple[list[tuple[int, int, int, int]], dict[int, OuDonne]]:
    """Ce qui fut noté à ces élèves ; et les situations qui comptent dans cette classe.

    Deux requêtes, et les situations à part : les mêmes situations reviennent pour tous les élèves.
    """
    notees = _notees(tuple(eleve.pk for eleve in eleves))
    voulues = _citees(tuple(set(map(itemgetter(3), notees))), classe.annee_id)
    nommes = dict(Situation.Lieu.choices)
    lieux = {
        pk: OuDonne(intitule, entreprise or nommes.get(lieu, lieu), fin)
        for pk, intitule, entreprise, lieu, fin in voulues
    }
    return notees, lieux


def _retenir(
    notees: Iterable[tuple[int, int, int, int]],
    lieux: Mapping[int, OuDonne],
    montres: Mapping[int, ActesMontres],
) -> None:
    """De chaque élève et de chaque compétence, l'acte qui l'emporte, d'un passage."""
    fins = {pk: ou.fin for pk, ou in lieux.items()}
    tenus = {
        eleve: (un.cadre.codes, un.cadre.lecture.valeurs, un.meilleurs, un.niveaux)
        for eleve, un in montres.items()
    }
    for eleve, competence, niveau, situation in notees:
        codes, valeurs, meilleurs, niveaux = tenus[eleve]
        if situation not in fins or competence not in codes:
            continue
        niveaux.add(niveau)
        acte = (valeurs.get(niveau, ECARTE), fins[situation], situation, niveau)
        if competence not in meilleurs or acte > meilleurs[competence]:
            meilleurs[competence] = acte


@Preparee
def _notees(eleves: tuple[int, ...]) -> QuerySet[Evaluation, tuple[int, int, int, int]]:
    notees = Evaluation.objects.filter(eleve__in=eleves, niveau__isnull=False)
    return notees.values_list("eleve_id", "competence_id", "niveau_id", "situation_id")


@Preparee
def _citees(situations: tuple[int, ...], annee: int) -> QuerySet[Situation, tuple[Any, ...]]:
    rentree = AnneeScolaire.objects.filter(pk=annee).order_by().values("debut")
    citees = Situation.objects.filter(commencee_avant(rentree), pk__in=situations).order_by()
    return citees.values_list("pk", "intitule", "entreprise", "lieu", "fin")


def _rangee(
    eleve: Eleve,
    siens: ActesMontres,
    places: Sequence[tuple[Competence, tuple[Epreuve, ...]]],
    lieux: Mapping[int, OuDonne],
) -> RangeeTableau:
    lecture, meilleurs = siens.cadre.lecture, siens.meilleurs
    return RangeeTableau(
        eleve,
        lecture.echelle,
        tuple(_case(une, epreuves, meilleurs.get(une.pk), lecture, lieux) for une, epreuves in places),
        tuple(dict.fromkeys(titre(epreuves) for _, epreuves in places)),
        lecture.phrases(siens.niveaux),
    )


def _case(
    une: Competence,
    epreuves: tuple[Epreuve, ...],
    acte: Acte | None,
    lecture: LectureDeGrille,
    lieux: Mapping[int, OuDonne],
) -> CaseTableau:
    epreuve = epreuves[0].code if epreuves else ""
    if acte is None:
        return CaseTableau(une.code, une.intitule, epreuve)
    valeur, _, situation, niveau = acte
    if valeur == ECARTE:
        ecarte, origine = lecture.niveaux[niveau].degre, lecture.origine(niveau)
        return CaseTableau(une.code, une.intitule, epreuve, ecarte=ecarte, origine=origine)
    ou, degre = lieux[situation], lecture.echelle.degre(int(valeur))
    return CaseTableau(une.code, une.intitule, epreuve, int(valeur), degre, ou.intitule, ou.lieu, ou.fin)
