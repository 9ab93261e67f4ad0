"""Ce qui a changé depuis qu'une table est sortie : niveau par niveau, d'après l'historique."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from livret.evaluation.models import Evaluation

RIEN = "rien"


@dataclass(frozen=True)
class NiveauChange:
    eleve: str
    competence: str
    situation: str
    avant: str
    apres: str


def niveaux_changes(depuis: datetime.datetime, eleves: Iterable[int]) -> tuple[NiveauChange, ...]:
    """De ces élèves, par élève et par compétence ; un niveau changé puis remis n'y est pas. Deux requêtes."""
    gardees: Any = Evaluation.history.filter(eleve__in=list(eleves)).order_by("history_date", "history_id")
    lies = ("eleve", "competence", "situation", "niveau")
    dernieres = {une.id: une for une in gardees.filter(history_date__gt=depuis).select_related(*lies)}
    avant = {
        une.id: _dit(une)
        for une in gardees.filter(id__in=list(dernieres), history_date__lte=depuis).select_related("niveau")
    }
    changes = [
        NiveauChange(str(une.eleve), une.competence.code, une.situation.intitule, etait, _dit(une))
        for cle, une in dernieres.items()
        if (etait := avant.get(cle, RIEN)) != _dit(une)
    ]
    return tuple(sorted(changes, key=lambda un: (un.eleve, un.competence, un.situation)))


def _dit(une: Any) -> str:
    if une.history_type == "-":
        return RIEN
    return str(une.niveau.code) if une.niveau else str(une.get_mention_display())
