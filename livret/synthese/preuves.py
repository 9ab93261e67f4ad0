"""Les niveaux démontrés, de la base aux preuves que lit une grille."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from livret.niveaux import Preuve
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from referentiel.correspondance import LectureDeGrille

_CHAMPS_SITUATION = ("intitule", "nature", "lieu", "entreprise", "tuteur", "fin", "retenue", "retenue_motif")
_CHAMPS_AUTEUR = ("first_name", "last_name", "username")
_CHAMPS = (
    "niveau_id",
    "niveau__valeur",
    "situation_id",
    "auteur_id",
    *(f"situation__{champ}" for champ in _CHAMPS_SITUATION),
    *(f"auteur__{champ}" for champ in _CHAMPS_AUTEUR),
)
SousReferentiel = tuple[int, int]
"""Un élève et le référentiel de la promotion où on le considère."""
PreuveBrute = tuple[Preuve, int]
"""Une preuve, sa valeur dans sa propre échelle ; et son niveau, par lequel une grille la lit."""


def sous_referentiel(eleve: Eleve) -> SousReferentiel:
    return eleve.pk, eleve.promotion.referentiel_id


def niveaux_demontres(
    saisies: QuerySet[Any], quoi: str = "competence__code", competence: str = "competence"
) -> QuerySet[Any, tuple[Any, ...]]:
    """Ce que lit `preuves_par_eleve` de ces saisies, dans l'ordre des dates ; `quoi` : ce qui nomme dans la
    preuve ce qui a été noté, `competence` : ce qui y mène à sa compétence."""
    notees = saisies.filter(niveau__isnull=False).order_by("situation__fin", "situation_id")
    return notees.values_list("eleve_id", f"{competence}__referentiel_id", quoi, *_CHAMPS)


def preuves_par_eleve(
    lignes: Iterable[tuple[Any, ...]],
    eleves: Iterable[Eleve],
    session: tuple[int, datetime.date] | None = None,
) -> dict[SousReferentiel, list[PreuveBrute]]:
    """Ce que ces élèves ont démontré, par élève et référentiel, d'après leurs `niveaux_demontres`. Un élève
    n'a ici que ce qui est du référentiel de sa promotion : deux diplômes ont chacun leur C1.

    `session` : celle qui retient une preuve, et depuis quel jour ; à défaut, celle de sa promotion.
    Une classe porte des milliers d'évaluations pour quelques dizaines de situations : chaque situation,
    chaque auteur et ce qu'ils disent ensemble ne sont construits qu'une fois.
    """
    sessions = {sous_referentiel(eleve): session or eleve.promotion.comptent for eleve in eleves}
    situations: dict[int, Situation] = {}
    auteurs: dict[int, str] = {}
    actes: dict[tuple[int, int, tuple[int, datetime.date]], tuple[Any, ...]] = {}
    preuves: dict[SousReferentiel, list[PreuveBrute]] = defaultdict(list)
    for eleve, version, code, niveau, valeur, situation_id, auteur_id, *champs in lignes:
        if (eleve, version) not in sessions:
            continue
        if situation_id not in situations:
            faits = dict(zip(_CHAMPS_SITUATION, champs, strict=False))
            situations[situation_id] = Situation(pk=situation_id, **faits)
        if auteur_id not in auteurs:
            auteurs[auteur_id] = _nom(champs[len(_CHAMPS_SITUATION) :])
        acte = (situation_id, auteur_id, sessions[eleve, version])
        if acte not in actes:
            actes[acte] = _acte(situations[situation_id], auteurs[auteur_id], acte[2])
        preuves[eleve, version].append((Preuve(str(code), valeur, *actes[acte]), niveau))
    return preuves


def preuves_lues(
    brutes: Iterable[PreuveBrute], lecture: LectureDeGrille
) -> tuple[list[Preuve], list[Preuve]]:
    """Les preuves qui comptent dans cette grille, lues dans son échelle, puis celles qui n'y comptent pas."""
    comptent, ecartees = [], []
    for preuve, niveau in brutes:
        if lecture.sienne(niveau):
            comptent.append(preuve)
        elif (valeur := lecture.valeur(niveau)) is not None:
            comptent.append(replace(preuve, valeur=valeur, origine=lecture.origine(niveau)))
        else:
            ecartees.append(replace(preuve, origine=lecture.origine(niveau)))
    return comptent, ecartees


def _nom(champs: list[Any]) -> str:
    return Utilisateur(**dict(zip(_CHAMPS_AUTEUR, champs, strict=True))).nom_complet


def _acte(situation: Situation, auteur: str, session: tuple[int, datetime.date]) -> tuple[Any, ...]:
    """Ce que toutes les preuves d'une situation disent de même, dans l'ordre des champs de `Preuve`."""
    return (
        situation.fin,
        situation.intitule,
        situation.lieu_complet,
        situation.tuteur or auteur,
        situation.pk,
        situation.nature,
        situation.est_retenue(*session),
        situation.retenue_motif,
    )
