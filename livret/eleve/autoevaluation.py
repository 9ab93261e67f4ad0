"""Ce que l'élève pense de lui-même : montré à côté du regard des enseignants, jamais dans une note.

La certification ne lit pas cette table ; un test le prouve.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from referentiel.models import Competence, Niveau
from trpm.permissions import Action


class AutoEvaluationQuerySet(models.QuerySet["AutoEvaluation"]):
    def for_user(self, user: Utilisateur, action: Action) -> AutoEvaluationQuerySet:
        return self.filter(eleve__in=Eleve.objects.for_user(user, action))


class AutoEvaluation(models.Model):
    """Niveau que l'élève se donne, dans une situation publiée ou, sans situation, à une date."""

    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="autoevaluations")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="autoevaluations")
    situation = models.ForeignKey(
        Situation, on_delete=models.PROTECT, null=True, blank=True, related_name="autoevaluations"
    )
    niveau = models.ForeignKey(Niveau, on_delete=models.PROTECT, related_name="+")
    date = models.DateField("date")
    modifie_le = models.DateTimeField("modifiée le", auto_now=True)

    objects = AutoEvaluationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "auto-évaluation"
        verbose_name_plural = "auto-évaluations"
        ordering = ["date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["eleve", "competence", "situation"],
                condition=Q(situation__isnull=False),
                name="autoevaluation_situation_unique",
                violation_error_message="Cette compétence a déjà sa réponse dans cette situation.",
            ),
            models.UniqueConstraint(
                fields=["eleve", "competence", "date"],
                condition=Q(situation__isnull=True),
                name="autoevaluation_date_unique",
                violation_error_message="Cette compétence a déjà sa réponse ce jour-là.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.eleve}, {self.competence.code} : {self.niveau.code}"
