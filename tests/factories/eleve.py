"""Ce que l'élève dit et dépose."""

import datetime

from livret.models import (
    AutoEvaluation,
    Eleve,
    Situation,
    Trace,
    Utilisateur,
)
from tests.factories.referentiel import niveau


def autoevaluation(
    eleve: Eleve, competence: str, valeur: int, date: str = "2026-04-02", situation: Situation | None = None
) -> AutoEvaluation:
    diplome = eleve.promotion.referentiel
    return AutoEvaluation.objects.create(
        eleve=eleve,
        competence=diplome.competences.get(code=competence),
        niveau=niveau(diplome, valeur),
        date=datetime.date.fromisoformat(date),
        situation=situation,
    )


def trace_d_eleve(eleve: Eleve, auteur: Utilisateur, texte: str = "Ma pièce", **champs: object) -> Trace:
    return Trace.objects.create(
        **{"eleve": eleve, "auteur": auteur, "texte": texte, "origine": Trace.Origine.ELEVE, **champs}
    )
