"""Ce que les grilles de plusieurs dossiers demandent à la base, chaque chose lue une fois pour tous."""

from __future__ import annotations

import datetime
from collections import defaultdict
from functools import cached_property
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
from livret.synthese.preuves import PreuveBrute, SousReferentiel, preuves_par_eleve, sous_referentiel
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

# Le niveau donné, ou la mention en toutes lettres.
Case = tuple[int | None, str]

MENTIONS = dict(Mention.choices)


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
        for poids in Poids.objects.filter(
            grille__in=self.grilles.values(), epreuve__in=self.epreuves.values()
        ).select_related("competence"):
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
        blocs = {epreuve.bloc_id for epreuve in self.epreuves.values()}
        lues = list(Modalite.objects.filter(Q(bloc__in=blocs) | Q(epreuve__in=self.epreuves.values())))
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
        for detaillee in Detaillee.objects.filter(competence__in=self.competences):
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
        for membre in Membre.objects.filter(commission__in=self.commissions.values()):
            groupes[membre.commission_id].append(membre)
        return groupes

    @cached_property
    def decisions(self) -> dict[int, dict[tuple[int, int | None], Decision]]:
        """Par dossier, celle de chaque (compétence, critère)."""
        groupes: dict[int, dict[tuple[int, int | None], Decision]] = defaultdict(dict)
        for decision in Decision.objects.filter(dossier__in=self.dossiers).select_related("niveau", "auteur"):
            groupes[decision.dossier_id][decision.competence_id, decision.critere_id] = decision
        return groupes

    # --- livret -------------------------------------------------------------------------------

    @cached_property
    def preuves(self) -> dict[ParSession, dict[str, list[PreuveBrute]]]:
        """Par élève, référentiel et session (`comptent`), celles de chaque compétence : une preuve est
        retenue pour la session de la commission, où que l'élève soit inscrit aujourd'hui. Une requête par
        session."""
        return self._preuves(Evaluation.objects.all(), "competence__code", "competence")

    @cached_property
    def preuves_de_criteres(self) -> dict[ParSession, dict[str, list[PreuveBrute]]]:
        """De même ; chaque preuve y nomme son critère par sa clé. Aucune requête sans critère."""
        cles = [critere.pk for siens in self.criteres.values() for critere in siens]
        if not cles:
            return {}
        notees = Observation.objects.filter(detaillee__in=cles)
        return self._preuves(notees, "detaillee_id", "detaillee__competence")

    def _preuves(
        self, saisies: QuerySet[Any], quoi: str, competence: str
    ) -> dict[ParSession, dict[str, list[PreuveBrute]]]:
        sessions: dict[tuple[int, datetime.date], dict[SousReferentiel, Eleve]] = defaultdict(dict)
        for dossier in self.dossiers:
            sessions[self.comptent[dossier.commission_id]][sous_referentiel(dossier.eleve)] = dossier.eleve
        comptent = hors_brouillon("situation__")
        return {
            (eleve, session): _par_competence(preuves)
            for session, eleves in sessions.items()
            for eleve, preuves in preuves_par_eleve(
                [*eleves.values()], comptent, session, saisies, quoi, competence
            ).items()
        }

    def _dites(self) -> tuple[QuerySet[Any], QuerySet[Any]]:
        """Ce que ces élèves portent de saisies hors brouillon : sur une compétence, sur un détail."""
        comptent = hors_brouillon("situation__")
        return (
            Evaluation.objects.filter(comptent, eleve__in=self.eleves, competence__in=self.competences),
            Observation.objects.filter(
                comptent, eleve__in=self.eleves, detaillee__competence__in=self.competences
            ),
        )

    def _saisies(self, saisies: QuerySet[Any]) -> QuerySet[Any]:
        return saisies

    @cached_property
    def evaluations(self) -> dict[int, dict[tuple[int, int], Case]]:
        """Par élève, la case de chaque (situation, compétence)."""
        return _cases(self._saisies(self._dites()[0]), "competence_id")

    @cached_property
    def observations(self) -> dict[int, dict[tuple[int, int], Case]]:
        """Par élève, la case de chaque (situation, compétence détaillée)."""
        return _cases(self._saisies(self._dites()[1]), "detaillee_id")

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


def _cases(saisies: QuerySet[Any], objet: str) -> dict[int, dict[tuple[int, int], Case]]:
    groupes: dict[int, dict[tuple[int, int], Case]] = defaultdict(dict)
    for eleve, situation, cible, niveau, mention in saisies.values_list(
        "eleve_id", "situation_id", objet, "niveau_id", "mention"
    ):
        groupes[eleve][situation, cible] = (niveau, MENTIONS.get(mention, ""))
    return groupes
