"""La grille d'un dossier ouvert, réduite à ce que la séance en montre : ni pièces, ni activités menées, ni
détail des situations, et les seules situations retenues. Lignes, note, décisions et conseils y sont ceux de
la grille entière, calculés par le même code."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NoReturn

from django.db.models import QuerySet

from certification.dossier.composition import Composition
from certification.dossier.grille.citations import (
    CompetenceConstatee,
    EpreuveCitee,
    PreuveAuDossier,
    SituationCitee,
)
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.matiere import Case, Matiere, evaluations_dites, observations_dites
from livret.models import Situation
from referentiel.models import Poids
from trpm.base.preparees import Preparee


@dataclass(frozen=True)
class GrilleAbregee(GrilleEpreuve):
    """Elle se montre et ne se fige pas."""

    def vers_json(self) -> NoReturn:
        raise TypeError("Une grille abrégée ne s’écrit pas : il y manque ce que cite un dossier figé.")


class MatiereAbregee(Matiere):
    """Les saisies des seules situations retenues pour la session d'une de ces commissions."""

    @property
    def _parmi(self) -> tuple[int, ...]:
        return tuple(self.situations)

    @cached_property
    def situations(self) -> dict[int, Situation]:
        vecues = {*_evaluees(*self._cadre), *_observees(*self._cadre)}
        sessions = set(self.comptent.values())
        return {
            situation.pk: situation
            for situation in _situations(tuple(vecues))
            if any(situation.est_retenue(*session) for session in sessions)
        }

    @cached_property
    def par_situation(self) -> dict[int, dict[int, dict[int, Case]]]:
        """Par élève puis par situation, la case de chaque compétence."""
        groupes: dict[int, dict[int, dict[int, Case]]] = defaultdict(lambda: defaultdict(dict))
        for eleve, cases in self.evaluations.items():
            for (situation, competence), case in cases.items():
                groupes[eleve][situation][competence] = case
        return groupes


@Preparee
def _evaluees(eleves: tuple[int, ...], competences: tuple[int, ...]) -> QuerySet[Any, int]:
    return _ou(evaluations_dites(eleves, competences))


@Preparee
def _observees(eleves: tuple[int, ...], competences: tuple[int, ...]) -> QuerySet[Any, int]:
    return _ou(observations_dites(eleves, competences))


def _ou(saisies: QuerySet[Any]) -> QuerySet[Any, int]:
    return saisies.order_by().values_list("situation_id", flat=True).distinct()


@Preparee
def _situations(cles: tuple[int, ...]) -> QuerySet[Situation]:
    return Situation.objects.filter(pk__in=cles).select_related("auteur")


@dataclass(frozen=True)
class CompositionAbregee(Composition):
    matiere: MatiereAbregee
    nature: ClassVar[type[GrilleEpreuve]] = GrilleAbregee

    def _portfolio(self, applicables: list[Poids]) -> tuple[PreuveAuDossier, ...]:
        return ()

    def _correspondances(self, applicables: list[Poids]) -> tuple[str, ...]:
        return ()

    def _epreuve(self) -> EpreuveCitee:
        epreuve = self.dossier.commission.epreuve
        return EpreuveCitee(epreuve.code, epreuve.intitule, epreuve.unite, None, ())

    def _situations(self, applicables: list[Poids]) -> tuple[SituationCitee, ...]:
        return tuple(une for une in super()._situations(applicables) if une.retenue)

    def _situation(self, situation: Situation, applicables: list[Poids]) -> SituationCitee:
        cases = self.matiere.par_situation[self.dossier.eleve_id][situation.pk]
        return SituationCitee(
            intitule=situation.intitule,
            nature="",
            lieu="",
            en_centre=situation.lieu == Situation.Lieu.CENTRE,
            debut=situation.debut,
            fin=situation.fin,
            retenue=self._retenue(situation),
            motif_retenue="",
            publiee=situation.visible,
            description="",
            taches=(),
            evaluateur=situation.auteur.nom_complet,
            tuteur="",
            constats=tuple(
                self._constat_abrege(poids, *cases[poids.competence_id])
                for poids in applicables
                if poids.competence_id in cases
            ),
            commentaire="",
        )

    def _constat_abrege(self, poids: Poids, niveau: int | None, mention: str) -> CompetenceConstatee:
        valeur = None if niveau is None else self.lecture.valeur(niveau)
        return CompetenceConstatee(poids.competence.code, "", valeur, mention, ())
