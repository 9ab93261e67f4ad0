"""Du livret en base aux objets que montrent la page, le PDF et le tableau de bord.

Tout se charge pour plusieurs élèves à la fois, en un nombre de requêtes qui ne dépend ni du
nombre d'élèves ni du nombre d'évaluations.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Q
from django.utils import timezone

from livret.evaluation.models import (
    Evaluation,
    Fiche,
    Observation,
    Remarque,
)
from livret.evaluation.trace import Trace
from livret.niveaux import Preuve, meilleure
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation, hors_brouillon, visible_le_jour
from livret.situation.temps import publiee_de_ce_temps
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
from referentiel.models import Competence, Epreuve, feuilles


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


def comptent_pour(
    *, visibles_seulement: bool = False, jusqu_au: datetime.date | None = None, chemin: str = ""
) -> Q:
    """Quelles situations on lit : publiées, comme les voit l'élève (Q36), celles seulement qui l'étaient
    déjà `jusqu_au` (Q53) ; sinon toutes celles sorties de l'état de brouillon."""
    if jusqu_au:
        return publiee_de_ce_temps(jusqu_au, chemin)
    return visible_le_jour(timezone.localdate(), chemin) if visibles_seulement else hors_brouillon(chemin)


def livrets(
    eleves: Iterable[Eleve], *, visibles_seulement: bool = False, comptent: Q | None = None
) -> list[Livret]:
    """Livrets de ces élèves, dans leur ordre.

    `visibles_seulement` : voir `comptent_pour` ; `comptent` : ce qui compte, dit par une autre règle. Les
    élèves doivent venir avec leur promotion (`select_related("promotion__referentiel", "option")`) ; un
    livret n'a que les preuves données sous le référentiel de cette promotion.
    """
    eleves = list(eleves)
    if comptent is None:
        comptent = comptent_pour(visibles_seulement=visibles_seulement, chemin="situation__")
    notees = Evaluation.objects.filter(comptent, eleve__in=eleves)
    preuves = preuves_par_eleve(niveaux_demontres(notees), eleves)
    observees = _observees(eleves, comptent)
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
    eleve: Eleve, *, visibles_seulement: bool = False, jusqu_au: datetime.date | None = None
) -> list[SituationVecue]:
    """Situations où l'élève porte une saisie, de la plus récente à la plus ancienne. Cinq requêtes."""
    lues = comptent_pour(visibles_seulement=visibles_seulement, jusqu_au=jusqu_au)
    situations = Situation.objects.filter(lues, _ou_il_porte_une_saisie(eleve))
    positionnements: dict[int, list[Positionnement]] = defaultdict(list)
    for evaluation in (
        Evaluation.objects.filter(eleve=eleve)
        .select_related("competence", "niveau")
        .order_by("competence__ordre", "competence_id")
    ):
        positionnements[evaluation.situation_id].append(_positionnement(evaluation))
    items = ("competence", "detaillee")
    remarques: dict[int, list[Remarque]] = defaultdict(list)
    for remarque in (
        Remarque.objects.filter(eleve=eleve)
        .select_related(*items)
        .order_by("detaillee__competence__ordre", "detaillee__ordre", "competence__ordre", "pk")
    ):
        remarques[remarque.situation_id].append(remarque)
    traces: dict[int | None, list[Trace]] = defaultdict(list)
    for trace in Trace.objects.gardees().filter(eleve=eleve).select_related("auteur", *items):
        traces[trace.situation_id].append(trace)
    commentaires = dict(Fiche.objects.filter(eleve=eleve).values_list("situation_id", "commentaire"))
    return [
        SituationVecue(
            situation,
            situation.est_retenue(*_comptent(eleve, situation)),
            tuple(positionnements[situation.pk]),
            commentaires.get(situation.pk, ""),
            tuple(remarques[situation.pk]),
            tuple(traces[situation.pk]),
        )
        for situation in situations.select_related("classe__promotion__referentiel").order_by("-fin", "-pk")
    ]


def _comptent(eleve: Eleve, situation: Situation) -> tuple[int, datetime.date]:
    """La session que prépare l'élève ; pour une situation d'un référentiel quitté, celle d'alors."""
    alors, ici = situation.classe.promotion, eleve.promotion
    return (ici if alors.referentiel_id == ici.referentiel_id else alors).comptent


def _ou_il_porte_une_saisie(eleve: Eleve) -> Q:
    """Une réunion de requêtes : quatre appartenances reliées par « ou » liraient toutes les situations."""
    saisies = Evaluation.objects, Fiche.objects, Remarque.objects, Trace.objects.gardees()
    siennes = [
        un.filter(eleve=eleve, situation__isnull=False).order_by().values("situation") for un in saisies
    ]
    return Q(pk__in=siennes[0].union(*siennes[1:]))


def _positionnement(evaluation: Evaluation) -> Positionnement:
    niveau = evaluation.niveau
    return Positionnement(
        evaluation.competence.code,
        evaluation.competence.intitule,
        Degre(niveau.code, niveau.valeur, niveau.libelle, niveau.symbole, niveau.valeur) if niveau else None,
        evaluation.get_mention_display(),
    )


def _observees(eleves: list[Eleve], comptent: Q) -> dict[int, set[int]]:
    observees: dict[int, set[int]] = defaultdict(set)
    for eleve, detaillee in (
        Observation.objects.filter(comptent, eleve__in=eleves, niveau__isnull=False)
        .values_list("eleve_id", "detaillee_id")
        .distinct()
    ):
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
