"""Ce que l'inspecteur vérifie : les situations retenues d'un établissement pour une session, par option et
par épreuve (« L'inspecteur veille à la conformité des mises en situation retenues »).

La page et le papier montrent cet objet, qui ne nomme un candidat que si l'établissement l'a ouvert.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from livret.models import (
    Eleve,
    Etablissement,
    Evaluation,
    Situation,
)
from livret.situation.models.situation import hors_brouillon
from livret.situation.rubrique import Rubrique
from referentiel.models import (
    Activite,
    Epreuve,
    Grille,
    Option,
    Poids,
)
from referentiel.reglement.distinction import distingues


@dataclass(frozen=True)
class SituationInspectee:
    intitule: str
    nature: str
    lieu: str
    debut: datetime.date
    fin: datetime.date
    probleme: str
    moyens: tuple[Rubrique, ...]
    taches: tuple[str, ...]
    competences: tuple[str, ...]
    candidats: int
    motif: str


@dataclass(frozen=True)
class ActiviteCouverte:
    """Une activité de l'épreuve, et dans combien de situations retenues chaque tâche est confiée."""

    code: str
    intitule: str
    taches: tuple[tuple[str, str, int], ...]

    @property
    def couvertes(self) -> int:
        return sum(nombre > 0 for _, _, nombre in self.taches)


@dataclass(frozen=True)
class EpreuveInspectee:
    """`repartition` : nombre de situations retenues, et combien de candidats en ont autant."""

    code: str
    intitule: str
    situations: tuple[SituationInspectee, ...]
    activites: tuple[ActiviteCouverte, ...]
    repartition: tuple[tuple[int, int], ...]
    noms: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class OptionInspectee:
    code: str
    intitule: str
    candidats: int
    epreuves: tuple[EpreuveInspectee, ...]
    diplome: str = ""
    """Son nom parmi les autres diplômes de la session, s'il y en a."""


def options_inspectees(etablissement: Etablissement, session: int) -> tuple[OptionInspectee, ...]:
    """Un nombre constant de requêtes, quel que soit celui des candidats et des situations."""
    matiere = _Matiere(etablissement, session)
    return tuple(matiere.option(option) for option in matiere.options)


class _Matiere:
    def __init__(self, etablissement: Etablissement, session: int) -> None:
        self.etablissement, self.session = etablissement, session

    @cached_property
    def eleves(self) -> dict[int, Eleve]:
        presents = Eleve.objects.filter(
            etablissement=self.etablissement, promotion__session=self.session, actif=True
        ).select_related("option__referentiel")
        return {eleve.pk: eleve for eleve in presents}

    @property
    def options(self) -> list[Option]:
        options = {eleve.option_id: eleve.option for eleve in self.eleves.values()}
        return sorted(options.values(), key=lambda une: (une.referentiel.code, une.referentiel_id, une.ordre))

    @cached_property
    def diplomes(self) -> dict[int, str]:
        return distingues(option.referentiel for option in self.options)

    @cached_property
    def evaluees(self) -> dict[int, set[tuple[int, int]]]:
        """Par situation, les couples (élève, compétence) évalués."""
        groupes: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for situation, eleve, competence in Evaluation.objects.filter(
            hors_brouillon("situation__"), eleve__in=self.eleves
        ).values_list("situation_id", "eleve_id", "competence_id"):
            groupes[situation].add((eleve, competence))
        return groupes

    @cached_property
    def situations(self) -> list[Situation]:
        """Retenues pour cette session, de la plus ancienne à la plus récente."""
        ici = Q(classe__etablissement=self.etablissement, classe__promotion__session=self.session)
        toutes = (
            Situation.objects.filter(hors_brouillon(), classe__origine="")
            .filter(ici | Q(pk__in=self.evaluees))
            .select_related("classe__promotion__referentiel")
            .prefetch_related("competences", "detaillees", "taches")
            .order_by("fin", "pk")
        )
        return [une for une in toutes if une.est_retenue(*self._comptent(une))]

    def _comptent(self, situation: Situation) -> tuple[int, datetime.date]:
        return self.session, situation.classe.promotion.comptent_a(self.session)

    @cached_property
    def poids(self) -> dict[Epreuve, list[Poids]]:
        """Par épreuve, ses rattachements dans les grilles des promotions de la session, chacun une fois."""
        siennes = Grille.objects.filter(
            promotions__in=self.etablissement.promotions.filter(session=self.session),
            referentiel__in={option.referentiel_id for option in self.options},
        )
        groupes: dict[Epreuve, list[Poids]] = defaultdict(list)
        vus: set[tuple[int, int, int | None]] = set()
        for poids in Poids.objects.filter(grille__in=siennes).select_related("epreuve", "competence"):
            cle = (poids.epreuve_id, poids.competence_id, poids.option_id)
            if cle not in vus:
                vus.add(cle)
                groupes[poids.epreuve].append(poids)
        return dict(sorted(groupes.items(), key=lambda paire: (paire[0].ordre, paire[0].pk)))

    @cached_property
    def activites(self) -> dict[int | None, list[Activite]]:
        groupes: dict[int | None, list[Activite]] = defaultdict(list)
        blocs = {epreuve.bloc_id for epreuve in self.poids}
        for activite in Activite.objects.filter(bloc__in=blocs).prefetch_related("intitules", "taches"):
            groupes[activite.bloc_id].append(activite)
        return groupes

    def option(self, option: Option) -> OptionInspectee:
        eleves = [eleve for eleve in self.eleves.values() if eleve.option_id == option.pk]
        epreuves = []
        for epreuve, rattachements in self.poids.items():
            siens = [un for un in rattachements if un.option_id in (None, option.pk)]
            if siens and epreuve.referentiel_id == option.referentiel_id:
                epreuves.append(self._epreuve(option, epreuve, siens, eleves))
        intitule = option.intitule if option.dite else option.referentiel.intitule
        diplome = self.diplomes[option.referentiel_id]
        return OptionInspectee(option.dite, intitule, len(eleves), tuple(epreuves), diplome)

    def _epreuve(
        self, option: Option, epreuve: Epreuve, rattachements: Iterable[Poids], eleves: list[Eleve]
    ) -> EpreuveInspectee:
        codes = {un.competence_id: un.competence.code for un in rattachements}
        cles = {eleve.pk for eleve in eleves}
        combien: Counter[int] = Counter({eleve.pk: 0 for eleve in eleves})
        montrees, confiees = [], []
        for situation in self.situations:
            evaluees = {(e, c) for e, c in self.evaluees[situation.pk] if e in cles and c in codes}
            visees = _visees(situation) & codes.keys()
            if not evaluees and (situation.classe.promotion.option_id != option.pk or not visees):
                continue
            evalues = {eleve for eleve, _ in evaluees}
            combien.update(evalues)
            dites = visees | {competence for _, competence in evaluees}
            montrees.append(_montree(situation, [codes[cle] for cle in codes if cle in dites], len(evalues)))
            confiees += [tache.pk for tache in situation.taches.all()]
        noms = tuple((str(eleve), combien[eleve.pk]) for eleve in eleves)
        return EpreuveInspectee(
            epreuve.code,
            epreuve.intitule,
            tuple(montrees),
            tuple(_couverte(un, option, Counter(confiees)) for un in self.activites[epreuve.bloc_id]),
            tuple(sorted(Counter(combien.values()).items())),
            noms if self.etablissement.noms_a_l_inspection else (),
        )


def _visees(situation: Situation) -> set[int]:
    detaillees = {detaillee.competence_id for detaillee in situation.detaillees.all()}
    return detaillees | {competence.pk for competence in situation.competences.all()}


def _montree(situation: Situation, competences: list[str], candidats: int) -> SituationInspectee:
    return SituationInspectee(
        situation.intitule,
        situation.get_nature_display(),
        situation.lieu_complet,
        situation.debut,
        situation.fin,
        situation.description,
        situation.inventaire(),
        tuple(tache.code for tache in situation.taches.all()),
        tuple(competences),
        candidats,
        situation.retenue_motif,
    )


def _couverte(activite: Activite, option: Option, confiees: Counter[int]) -> ActiviteCouverte:
    taches = sorted(activite.taches.all(), key=lambda tache: (tache.ordre, tache.pk))
    return ActiviteCouverte(
        activite.code,
        activite.intitule_pour(option),
        tuple(
            (tache.code, tache.intitule, confiees[tache.pk])
            for tache in taches
            if tache.option_id in (None, option.pk)
        ),
    )
