"""Ce qu'une case a porté : qui l'a changée, quand, de quoi à quoi."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from livret.saisie.case import Case
from livret.saisie.enregistrement import TABLES
from livret.situation.colonnes import COMPETENCE, DETAILLEE
from livret.situation.models.situation import Situation


@dataclass(frozen=True)
class Changement:
    """`remarque` : c'est elle qui a changé, non le niveau. `de` ou `a` vides : la case l'était."""

    le: datetime.datetime
    par: str
    de: str
    a: str
    remarque: bool


def historique(situation: Situation, case: Case) -> list[Changement]:
    """Les changements de cette case et de sa remarque, du plus récent au plus ancien. Une requête chacune."""
    faits = _changements(situation, case)
    if case.genre in (DETAILLEE, COMPETENCE):
        faits += _changements(situation, case._replace(genre=f"r{case.genre}"))
    return sorted(faits, key=lambda un: un.le, reverse=True)


def _changements(situation: Situation, case: Case) -> list[Changement]:
    table = TABLES[case.genre]
    cible = {f"{nom}_id": case.item for nom in table.cible}
    traces = table.modele.history.filter(situation_id=situation.pk, eleve_id=case.eleve, **cible)
    liees = ("history_user", *(["niveau"] if "niveau" in table.contenu else []))
    faits: list[Changement] = []
    avant = ""
    for trace in traces.select_related(*liees).order_by("history_date", "history_id"):
        porte = "" if trace.history_type == "-" else _texte(trace, table.contenu)
        if porte != avant:
            par = trace.history_user.nom_complet if trace.history_user else ""
            faits.append(Changement(trace.history_date, par, avant, porte, case.est_remarque))
        avant = porte
    return faits


def _texte(trace: Any, contenu: tuple[str, ...]) -> str:
    """Le code du niveau, sinon la mention ou les mots."""
    valeurs = (getattr(trace, nom) for nom in contenu)
    return next((getattr(valeur, "code", valeur) for valeur in valeurs if valeur), "")
