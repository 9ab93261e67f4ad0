"""Le tableau de bord d'une classe : de chaque élève, le meilleur niveau de chaque compétence.

Une classe porte des milliers d'évaluations, son tableau quelques centaines de cases : on n'y lit que des
valeurs, et l'on ne garde de chaque case que la preuve qui l'emporte, par la règle de `niveaux`.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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

NiveauDonne = tuple[datetime.date, int, int]
"""Quand, dans quelle situation, quel niveau ; le plus récent est le plus grand."""


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
    """Tableau de bord de ces élèves dans cette classe, situations ouvertes comprises. Six requêtes.

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
    actes, lieux = _actes(eleves, classe)
    versions = {eleve.promotion.grille_id: eleve.promotion.referentiel_id for eleve in eleves}
    tenus = cadres(versions, details=False)
    places: dict[tuple[int, int, frozenset[int]], list[tuple[Competence, tuple[Epreuve, ...]]]] = {}
    rangees = []
    for eleve in eleves:
        cadre = tenus[eleve.promotion.grille_id]
        codes = {une.pk: une.code for une in cadre.competences}
        siens = {une: niveaux for une, niveaux in actes[eleve.pk].items() if une in codes}
        cle = (eleve.promotion.grille_id, eleve.option_id, frozenset(siens))
        if cle not in places:
            places[cle] = cadre.rangees(eleve.option_id, [codes[une] for une in siens])
        rangees.append(_rangee(eleve, cadre, places[cle], siens, lieux))
    return rangees


def _actes(
    eleves: list[Eleve], classe: Classe
) -> tuple[dict[int, dict[int, list[NiveauDonne]]], dict[int, OuDonne]]:
    """Par élève et par compétence, ce qui compte dans cette classe ; et les situations citées.

    Deux requêtes, et les situations à part : les mêmes situations reviennent pour tous les élèves.
    """
    notees = _notees(tuple(eleve.pk for eleve in eleves))
    voulues = _citees(tuple(set(map(itemgetter(3), notees))), classe.annee_id)
    nommes = dict(Situation.Lieu.choices)
    lieux = {
        pk: OuDonne(intitule, entreprise or nommes.get(lieu, lieu), fin)
        for pk, intitule, entreprise, lieu, fin in voulues
    }
    actes: dict[int, dict[int, list[NiveauDonne]]] = defaultdict(lambda: defaultdict(list))
    for eleve, competence, niveau, situation in notees:
        if situation in lieux:
            actes[eleve][competence].append((lieux[situation].fin, situation, niveau))
    return actes, lieux


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
    cadre: CadreLivret,
    places: Sequence[tuple[Competence, tuple[Epreuve, ...]]],
    actes: Mapping[int, list[NiveauDonne]],
    lieux: Mapping[int, OuDonne],
) -> RangeeTableau:
    return RangeeTableau(
        eleve,
        cadre.lecture.echelle,
        tuple(_case(une, epreuves, actes.get(une.pk, ()), cadre.lecture, lieux) for une, epreuves in places),
        tuple(dict.fromkeys(titre(epreuves) for _, epreuves in places)),
        cadre.lecture.phrases({niveau for siens in actes.values() for *_, niveau in siens}),
    )


def _case(
    une: Competence,
    epreuves: tuple[Epreuve, ...],
    actes: Sequence[NiveauDonne],
    lecture: LectureDeGrille,
    lieux: Mapping[int, OuDonne],
) -> CaseTableau:
    epreuve = epreuves[0].code if epreuves else ""
    valeurs = lecture.valeurs
    lus = [(valeur, *acte) for acte in actes if (valeur := valeurs.get(acte[2])) is not None]
    if lus:
        valeur, _, situation, _ = max(lus)
        ou = lieux[situation]
        degre = lecture.echelle.degre(valeur)
        return CaseTableau(une.code, une.intitule, epreuve, valeur, degre, ou.intitule, ou.lieu, ou.fin)
    if actes:
        *_, niveau = max(actes)
        ecarte, origine = lecture.niveaux[niveau].degre, lecture.origine(niveau)
        return CaseTableau(une.code, une.intitule, epreuve, ecarte=ecarte, origine=origine)
    return CaseTableau(une.code, une.intitule, epreuve)
