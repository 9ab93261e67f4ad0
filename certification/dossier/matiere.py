"""Ce que les grilles de plusieurs dossiers demandent à la base, chaque chose lue une fois pour tous."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import Any

from django.db.models import Q, QuerySet

from certification.commission.models import Commission, Membre
from certification.dossier.models import Decision, Dossier
from certification.dossier.traces import TracesCochees, traces_cochees
from livret.evaluation.models import Mention
from livret.models import (
    Eleve,
    Evaluation,
    Fiche,
    Observation,
    Situation,
)
from livret.situation.models.situation import hors_brouillon
from livret.synthese.preuves import (
    PreuveBrute,
    SousReferentiel,
    niveaux_demontres,
    preuves_par_eleve,
    sous_referentiel,
)
from referentiel.correspondance import LectureDeGrille
from referentiel.echelles import lectures
from referentiel.models import (
    Activite,
    Coefficient,
    Critere,
    Detaillee,
    Modalite,
    Poids,
)
from trpm.base.preparees import Preparee

# Le niveau donné, ou la mention en toutes lettres.
Case = tuple[int | None, str]

MENTIONS = dict(Mention.choices)


Saisie = tuple[Any, ...]
ParSession = tuple[SousReferentiel, tuple[int, datetime.date]]


class Matiere:
    def __init__(self, dossiers: list[Dossier]) -> None:
        self.dossiers = dossiers
        self.eleves = list({dossier.eleve_id: dossier.eleve for dossier in dossiers}.values())
        self.commissions: dict[int, Commission] = {
            dossier.commission_id: dossier.commission for dossier in dossiers
        }
        self.grilles = {commission.grille_id: commission.grille for commission in self.commissions.values()}
        self.comptent = {pk: commission.comptent for pk, commission in self.commissions.items()}
        self._observees: dict[tuple[int, tuple[int, datetime.date]], set[int]] = {}
        self.epreuves = {
            commission.epreuve_id: commission.epreuve for commission in self.commissions.values()
        }

    # --- référentiel --------------------------------------------------------------------------

    @cached_property
    def lectures(self) -> dict[int, LectureDeGrille]:
        return lectures(self.grilles)

    @cached_property
    def poids(self) -> dict[tuple[int, int], list[Poids]]:
        groupes: dict[tuple[int, int], list[Poids]] = defaultdict(list)
        for poids in _poids(tuple(self.grilles), tuple(self.epreuves)):
            groupes[poids.grille_id, poids.epreuve_id].append(poids)
        return groupes

    @cached_property
    def coefficients(self) -> dict[tuple[int, int], Coefficient]:
        return {
            (coefficient.epreuve_id, coefficient.option_id): coefficient
            for coefficient in Coefficient.objects.filter(epreuve__in=self.epreuves.values())
        }

    @cached_property
    def modalites(self) -> dict[int, dict[int, Modalite]]:
        """Par épreuve, la modalité de chaque voie : la sienne, à défaut celle de son bloc."""
        blocs = {epreuve.bloc_id for epreuve in self.epreuves.values() if epreuve.bloc_id}
        lues = _modalites(tuple(blocs), tuple(self.epreuves))
        return {
            epreuve.pk: {une.voie_id: une for une in lues if une.bloc_id and une.bloc_id == epreuve.bloc_id}
            | {une.voie_id: une for une in lues if une.epreuve_id == epreuve.pk}
            for epreuve in self.epreuves.values()
        }

    @cached_property
    def competences(self) -> set[int]:
        return {poids.competence_id for groupe in self.poids.values() for poids in groupe}

    @cached_property
    def detaillees(self) -> dict[int, list[Detaillee]]:
        groupes: dict[int, list[Detaillee]] = defaultdict(list)
        for detaillee in _detaillees(tuple(self.competences)):
            groupes[detaillee.competence_id].append(detaillee)
        return groupes

    @cached_property
    def criteres(self) -> dict[int, list[Critere]]:
        """Par compétence, ceux de toutes les versions de grille : le même critère se retrouve de l'une à
        l'autre. Aucune requête si aucune grille n'en positionne."""
        groupes: dict[int, list[Critere]] = defaultdict(list)
        if any(grille.positionne == grille.Positionne.CRITERES for grille in self.grilles.values()):
            for critere in Critere.objects.filter(competence__in=self.competences):
                groupes[critere.competence_id].append(critere)
        return groupes

    @cached_property
    def activites(self) -> dict[int, list[Activite]]:
        groupes: dict[int, list[Activite]] = defaultdict(list)
        for activite in Activite.objects.filter(
            bloc__in={e.bloc_id for e in self.epreuves.values()}
        ).prefetch_related("intitules"):
            if activite.bloc_id is not None:
                groupes[activite.bloc_id].append(activite)
        return groupes

    # --- commission ---------------------------------------------------------------------------

    @cached_property
    def membres(self) -> dict[int, list[Membre]]:
        groupes: dict[int, list[Membre]] = defaultdict(list)
        for membre in _membres(tuple(self.commissions)):
            groupes[membre.commission_id].append(membre)
        return groupes

    @cached_property
    def decisions(self) -> dict[int, dict[tuple[int, int | None], Decision]]:
        """Par dossier, celle de chaque (compétence, critère)."""
        groupes: dict[int, dict[tuple[int, int | None], Decision]] = defaultdict(dict)
        for decision in _decisions(tuple(dossier.pk for dossier in self.dossiers)):
            groupes[decision.dossier_id][decision.competence_id, decision.critere_id] = decision
        return groupes

    # --- livret -------------------------------------------------------------------------------

    @cached_property
    def preuves(self) -> dict[ParSession, dict[str, list[PreuveBrute]]]:
        """Par élève, référentiel et session (`comptent`), celles de chaque compétence : une preuve est
        retenue pour la session de la commission, où que l'élève soit inscrit aujourd'hui. Une requête par
        session."""
        return self._preuves(_demontres)

    @cached_property
    def preuves_de_criteres(self) -> dict[ParSession, dict[str, list[PreuveBrute]]]:
        """De même ; chaque preuve y nomme son critère par sa clé. Aucune requête sans critère."""
        cles = tuple(critere.pk for siens in self.criteres.values() for critere in siens)
        return self._preuves(partial(_demontres_sous, cles)) if cles else {}

    def _preuves(
        self, lire: Callable[[tuple[int, ...]], list[Saisie]]
    ) -> dict[ParSession, dict[str, list[PreuveBrute]]]:
        sessions: dict[tuple[int, datetime.date], dict[SousReferentiel, Eleve]] = defaultdict(dict)
        for dossier in self.dossiers:
            sessions[self.comptent[dossier.commission_id]][sous_referentiel(dossier.eleve)] = dossier.eleve
        return {
            (eleve, session): _par_competence(preuves)
            for session, eleves in sessions.items()
            for eleve, preuves in preuves_par_eleve(
                lire(tuple({un.pk for un in eleves.values()})), eleves.values(), session
            ).items()
        }

    @property
    def _cadre(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """De qui, et sur quelles compétences, se lisent les saisies."""
        return tuple(eleve.pk for eleve in self.eleves), tuple(self.competences)

    @property
    def _parmi(self) -> tuple[int, ...] | None:
        """Les seules situations dont les saisies comptent ici ; `None` : toutes."""
        return None

    @cached_property
    def evaluations(self) -> dict[int, dict[tuple[int, int], Case]]:
        """Par élève, la case de chaque (situation, compétence)."""
        return _cases(_evaluations(*self._cadre, self._parmi))

    @cached_property
    def observations(self) -> dict[int, dict[tuple[int, int], Case]]:
        """Par élève, la case de chaque (situation, compétence détaillée)."""
        return _cases(_observations(*self._cadre, self._parmi))

    def observees(self, eleve: int, session: tuple[int, datetime.date]) -> set[int]:
        """Les compétences détaillées où l'élève a un niveau, dans une situation retenue pour cette session ;
        relevées une fois pour toutes ses compétences et toutes ses épreuves."""
        if (eleve, session) not in self._observees:
            retenues = {pk for pk, situation in self.situations.items() if situation.est_retenue(*session)}
            self._observees[eleve, session] = {
                detaillee
                for (situation, detaillee), (niveau, _) in self.observations[eleve].items()
                if niveau is not None and situation in retenues
            }
        return self._observees[eleve, session]

    @cached_property
    def situations(self) -> dict[int, Situation]:
        vecues = {
            situation
            for cases in (self.evaluations, self.observations)
            for case in cases.values()
            for situation, _ in case
        }
        return {
            situation.pk: situation
            for situation in Situation.objects.filter(pk__in=vecues)
            .select_related("auteur")
            .prefetch_related("taches")
        }

    @cached_property
    def fiches(self) -> dict[tuple[int, int], str]:
        return {
            (eleve, situation): commentaire
            for eleve, situation, commentaire in Fiche.objects.filter(
                eleve__in=self.eleves, situation__in=self.situations
            ).values_list("eleve_id", "situation_id", "commentaire")
        }

    @cached_property
    def traces(self) -> TracesCochees:
        return traces_cochees(self.eleves)


def _par_competence(preuves: list[PreuveBrute]) -> dict[str, list[PreuveBrute]]:
    groupes: dict[str, list[PreuveBrute]] = defaultdict(list)
    for brute in preuves:
        groupes[brute[0].competence].append(brute)
    return groupes


def _cases(saisies: Iterable[Saisie]) -> dict[int, dict[tuple[int, int], Case]]:
    groupes: dict[int, dict[tuple[int, int], Case]] = defaultdict(dict)
    for eleve, situation, cible, niveau, mention in saisies:
        groupes[eleve][situation, cible] = (niveau, MENTIONS.get(mention, ""))
    return groupes


# --- Les requêtes, gardées traduites --------------------------------------------------------------


@Preparee
def _poids(grilles: tuple[int, ...], epreuves: tuple[int, ...]) -> QuerySet[Poids]:
    return Poids.objects.filter(grille__in=grilles, epreuve__in=epreuves).select_related("competence")


@Preparee
def _modalites(blocs: tuple[int, ...], epreuves: tuple[int, ...]) -> QuerySet[Modalite]:
    return Modalite.objects.filter(Q(bloc__in=blocs) | Q(epreuve__in=epreuves))


@Preparee
def _detaillees(competences: tuple[int, ...]) -> QuerySet[Detaillee]:
    return Detaillee.objects.filter(competence__in=competences)


@Preparee
def _membres(commissions: tuple[int, ...]) -> QuerySet[Membre]:
    return Membre.objects.filter(commission__in=commissions)


@Preparee
def _decisions(dossiers: tuple[int, ...]) -> QuerySet[Decision]:
    return Decision.objects.filter(dossier__in=dossiers).select_related("niveau", "auteur")


@Preparee
def _demontres(eleves: tuple[int, ...]) -> QuerySet[Any, Saisie]:
    siennes = Evaluation.objects.filter(hors_brouillon("situation__"), eleve__in=eleves)
    return niveaux_demontres(siennes)


@Preparee
def _demontres_sous(criteres: tuple[int, ...], eleves: tuple[int, ...]) -> QuerySet[Any, Saisie]:
    siennes = Observation.objects.filter(
        hors_brouillon("situation__"), detaillee__in=criteres, eleve__in=eleves
    )
    return niveaux_demontres(siennes, "detaillee_id", "detaillee__competence")


def evaluations_dites(eleves: tuple[int, ...], competences: tuple[int, ...]) -> QuerySet[Evaluation]:
    """Hors brouillon, ce que ces élèves portent sur ces compétences."""
    return Evaluation.objects.filter(
        hors_brouillon("situation__"), eleve__in=eleves, competence__in=competences
    )


def observations_dites(eleves: tuple[int, ...], competences: tuple[int, ...]) -> QuerySet[Observation]:
    """De même, sur leurs détails."""
    return Observation.objects.filter(
        hors_brouillon("situation__"), eleve__in=eleves, detaillee__competence__in=competences
    )


@Preparee
def _evaluations(
    eleves: tuple[int, ...], competences: tuple[int, ...], situations: tuple[int, ...] | None
) -> QuerySet[Any, Saisie]:
    return _saisies(evaluations_dites(eleves, competences), situations, "competence_id")


@Preparee
def _observations(
    eleves: tuple[int, ...], competences: tuple[int, ...], situations: tuple[int, ...] | None
) -> QuerySet[Any, Saisie]:
    return _saisies(observations_dites(eleves, competences), situations, "detaillee_id")


def _saisies(saisies: QuerySet[Any], situations: tuple[int, ...] | None, objet: str) -> QuerySet[Any, Saisie]:
    siennes = saisies if situations is None else saisies.filter(situation__in=situations)
    return siennes.values_list("eleve_id", "situation_id", objet, "niveau_id", "mention")
