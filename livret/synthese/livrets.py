"""Du livret en base aux objets que montrent la page, le PDF et le tableau de bord.

Tout se charge pour plusieurs élèves à la fois, en un nombre de requêtes qui ne dépend ni du
nombre d'élèves ni du nombre d'évaluations.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from livret.evaluation.models import (
    Evaluation,
    Fiche,
    Observation,
    Remarque,
)
from livret.evaluation.trace import Trace
from livret.niveaux import MENTIONS, Preuve, meilleure
from livret.personnes.classes import sous_referentiels
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from livret.situation.temps import comptant, publiee_de_ce_temps
from livret.synthese.cadre import CadreLivret, cadres, titre
from livret.synthese.ligne import Demonstration, LigneLivret
from livret.synthese.preuves import (
    PreuveBrute,
    niveaux_demontres,
    preuves_lues,
    preuves_par_eleve,
    sous_referentiel,
)
from referentiel.correspondance import LectureDeGrille
from referentiel.echelle import Degre, Echelle
from referentiel.models import Competence, Epreuve, Referentiel, feuilles
from trpm.base.preparees import Preparee


@dataclass(frozen=True)
class Livret:
    eleve: Eleve
    echelle: Echelle
    lignes: tuple[LigneLivret, ...]
    epreuves: tuple[tuple[str, str], ...]
    lecture: LectureDeGrille = field(default_factory=LectureDeGrille)
    correspondances: tuple[str, ...] = ()

    @property
    def jamais_evaluees(self) -> tuple[LigneLivret, ...]:
        return tuple(ligne for ligne in self.lignes if ligne.meilleure is None)

    @property
    def evaluees(self) -> int:
        return len(self.lignes) - len(self.jamais_evaluees)

    def lignes_de(self, epreuve: str) -> tuple[LigneLivret, ...]:
        return tuple(ligne for ligne in self.lignes if ligne.epreuve == epreuve)

    @property
    def par_epreuve(self) -> list[tuple[str, str, tuple[LigneLivret, ...]]]:
        return [(code, intitule, self.lignes_de(code)) for code, intitule in self.epreuves]


def livrets(
    eleves: Iterable[Eleve], *, visibles_seulement: bool = False, comptent: Q | None = None
) -> list[Livret]:
    """Livrets de ces élèves, dans leur ordre.

    Comptent les situations publiées, comme les voit l'élève (Q36), si `visibles_seulement` ; sinon toutes
    celles sorties de l'état de brouillon ; `comptent` : ce qui compte, dit par une autre règle. Les élèves
    doivent venir avec leur promotion (`select_related("promotion__referentiel", "option")`) ; un livret n'a
    que les preuves données sous le référentiel de cette promotion.
    """
    eleves = list(eleves)
    if comptent is None:
        cles = tuple(sorted({eleve.pk for eleve in eleves}))
        jour = timezone.localdate() if visibles_seulement else None
        preuves = preuves_par_eleve(_demontrees(cles, jour), eleves)
        observees = _par_eleve(_observees(cles, jour))
    else:
        notees = Evaluation.objects.filter(comptent, eleve__in=eleves)
        preuves = preuves_par_eleve(niveaux_demontres(notees), eleves)
        observees = _par_eleve(_constatees(comptent, eleves))
    tenus = cadres({eleve.promotion.grille_id: eleve.promotion.referentiel_id for eleve in eleves})
    return [
        _livret(
            eleve,
            tenus[eleve.promotion.grille_id],
            preuves[sous_referentiel(eleve)],
            observees[eleve.pk],
        )
        for eleve in eleves
    ]


@dataclass(frozen=True)
class Positionnement:
    """Ce qu'un élève a montré d'une compétence dans une situation : un niveau, ou une mention."""

    competence: str
    intitule: str
    degre: Degre | None
    mention: str


@dataclass(frozen=True)
class SituationVecue:
    """Une situation telle qu'un élève l'a vécue."""

    situation: Situation
    retenue: bool
    positionnements: tuple[Positionnement, ...]
    commentaire: str
    remarques: tuple[Remarque, ...] = ()
    traces: tuple[Trace, ...] = ()


def passages(
    eleve: Eleve,
    *,
    visibles_seulement: bool = False,
    jusqu_au: datetime.date | None = None,
    connus: Iterable[Referentiel] = (),
) -> list[SituationVecue]:
    """Situations où l'élève porte une saisie, de la plus récente à la plus ancienne : publiées, comme il les
    voit (Q36), si `visibles_seulement` ; celles seulement qui l'étaient déjà `jusqu_au` (Q53).

    Cinq requêtes ; une de plus s'il en a vécu sous un référentiel qui n'est ni le sien, ni des `connus`.
    """
    situations = _situations(eleve.pk, visibles_seulement, jusqu_au)
    sous_referentiels((une.classe for une in situations), eleve.promotion.referentiel, *connus)
    comptent = _comptent(eleve, situations)
    positionnements: dict[int, list[Positionnement]] = defaultdict(list)
    for situation, *dit in _positionnees(eleve.pk):
        positionnements[situation].append(_positionnement(*dit))
    remarques: dict[int, list[Remarque]] = defaultdict(list)
    for remarque in _remarques(eleve.pk):
        remarques[remarque.situation_id].append(remarque)
    traces: dict[int | None, list[Trace]] = defaultdict(list)
    for trace in _traces(eleve.pk):
        traces[trace.situation_id].append(trace)
    commentaires = dict(_commentaires(eleve.pk))
    return [
        SituationVecue(
            une,
            une.est_retenue(*comptent[une.classe.promotion_id]),
            tuple(positionnements[une.pk]),
            commentaires.get(une.pk, ""),
            tuple(remarques[une.pk]),
            tuple(traces[une.pk]),
        )
        for une in situations
    ]


def _situations(eleve: int, visibles_seulement: bool, jusqu_au: datetime.date | None) -> list[Situation]:
    if jusqu_au:
        return list(_ou_il_porte_une_saisie(publiee_de_ce_temps(jusqu_au), eleve))
    return _vecues(eleve, timezone.localdate() if visibles_seulement else None)


def _comptent(eleve: Eleve, situations: list[Situation]) -> dict[int, tuple[int, datetime.date]]:
    """Par promotion, la session que prépare l'élève ; pour un référentiel quitté, celle d'alors."""
    ici, alors = eleve.promotion, {une.classe.promotion_id: une.classe.promotion for une in situations}
    return {
        pk: (ici if une.referentiel_id == ici.referentiel_id else une).comptent for pk, une in alors.items()
    }


@Preparee
def _vecues(eleve: int, jour: datetime.date | None) -> QuerySet[Situation, Situation]:
    return _ou_il_porte_une_saisie(comptant(jour), eleve)


@Preparee
def _positionnees(eleve: int) -> QuerySet[Evaluation, tuple[Any, ...]]:
    siennes = Evaluation.objects.filter(eleve=eleve).order_by("competence__ordre", "competence_id")
    niveau = (f"niveau__{champ}" for champ in ("code", "valeur", "libelle", "symbole"))
    return siennes.values_list("situation_id", "competence__code", "competence__intitule", "mention", *niveau)


@Preparee
def _remarques(eleve: int) -> QuerySet[Remarque, Remarque]:
    siennes = Remarque.objects.filter(eleve=eleve).select_related("competence", "detaillee")
    return siennes.order_by("detaillee__competence__ordre", "detaillee__ordre", "competence__ordre", "pk")


@Preparee
def _traces(eleve: int) -> QuerySet[Trace, Trace]:
    siennes = Trace.objects.gardees().filter(eleve=eleve)
    return siennes.select_related("auteur", "competence", "detaillee")


@Preparee
def _commentaires(eleve: int) -> QuerySet[Fiche, tuple[int, str]]:
    return Fiche.objects.filter(eleve=eleve).values_list("situation_id", "commentaire")


def _ou_il_porte_une_saisie(lues: Q, eleve: int) -> QuerySet[Situation, Situation]:
    """Une réunion de requêtes : quatre appartenances reliées par « ou » liraient toutes les situations."""
    saisies = Evaluation.objects, Fiche.objects, Remarque.objects, Trace.objects.gardees()
    siennes: list[Any] = [
        un.filter(eleve=eleve, situation__isnull=False).order_by().values("situation") for un in saisies
    ]
    portees = Situation.objects.filter(lues, pk__in=siennes[0].union(*siennes[1:]))
    return portees.select_related("classe__promotion").order_by("-fin", "-pk")


def _positionnement(
    competence: str, intitule: str, mention: str, code: str | None, valeur: int, libelle: str, symbole: str
) -> Positionnement:
    degre = None if code is None else Degre(code, valeur, libelle, symbole, valeur)
    return Positionnement(competence, intitule, degre, MENTIONS.get(mention, ""))


@Preparee
def _demontrees(eleves: tuple[int, ...], jour: datetime.date | None) -> QuerySet[Any, tuple[Any, ...]]:
    return niveaux_demontres(Evaluation.objects.filter(comptant(jour, "situation__"), eleve__in=eleves))


@Preparee
def _observees(eleves: tuple[int, ...], jour: datetime.date | None) -> QuerySet[Observation, tuple[int, int]]:
    return _constatees(comptant(jour, "situation__"), eleves)


def _constatees(comptent: Q, eleves: Iterable[Any]) -> QuerySet[Observation, tuple[int, int]]:
    vues = Observation.objects.filter(comptent, eleve__in=eleves, niveau__isnull=False)
    return vues.values_list("eleve_id", "detaillee_id").distinct()


def _par_eleve(vues: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    observees: dict[int, set[int]] = defaultdict(set)
    for eleve, detaillee in vues:
        observees[eleve].add(detaillee)
    return observees


def _livret(eleve: Eleve, cadre: CadreLivret, brutes: list[PreuveBrute], observees: set[int]) -> Livret:
    """Toutes les compétences du référentiel, par épreuve ; celles que n'évalue aucune épreuve, à la fin."""
    siennes: dict[str, list[PreuveBrute]] = defaultdict(list)
    for brute in brutes:
        siennes[brute[0].competence].append(brute)
    rangees = cadre.rangees(eleve.option_id, siennes)
    lignes = [
        _ligne(eleve, une, epreuves, siennes[une.code], cadre.lecture, observees) for une, epreuves in rangees
    ]
    titres = dict.fromkeys(titre(epreuves) for _, epreuves in rangees)
    phrases = cadre.lecture.phrases(niveau for _, niveau in brutes)
    return Livret(eleve, cadre.lecture.echelle, tuple(lignes), tuple(titres), cadre.lecture, phrases)


def _ligne(
    eleve: Eleve,
    competence: Competence,
    epreuves: Sequence[Epreuve],
    brutes: list[PreuveBrute],
    lecture: LectureDeGrille,
    observees: set[int],
) -> LigneLivret:
    comptent, _ = preuves_lues(brutes, lecture)
    visees = feuilles(competence.detaillees.all(), eleve.option_id)
    preuve = meilleure(comptent)
    return LigneLivret(
        code=competence.code,
        intitule=competence.intitule,
        epreuve=epreuves[0].code if epreuves else "",
        preuves=tuple(comptent),
        meilleure=preuve,
        degre=lecture.echelle.degre(preuve.valeur) if preuve else None,
        detaillees_visees=len(visees),
        detaillees_observees=len(visees & observees),
        historique=tuple(_demonstration(*une, lecture) for une in reversed(brutes)),
        epreuves=tuple(une.code for une in epreuves),
    )


def _demonstration(preuve: Preuve, niveau: int, lecture: LectureDeGrille) -> Demonstration:
    propre = lecture.niveaux[niveau]
    if lecture.sienne(niveau):
        return Demonstration(preuve, propre.degre)
    dite = replace(preuve, origine=lecture.origine(niveau))
    return Demonstration(dite, propre.degre, propre.nom, lecture.lu(niveau))
