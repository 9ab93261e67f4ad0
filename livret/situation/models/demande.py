"""« Je demande une évaluation » : ce que l'élève adresse aux enseignants de sa classe."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from livret.personnes.homonymes import ListeDistinguee
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from referentiel.models import Competence
from trpm.permissions import Action

REPONSE_MAX = 300


class DemandeQuerySet(ListeDistinguee, models.QuerySet["Demande"]):
    def for_user(self, user: Utilisateur, action: Action) -> DemandeQuerySet:
        """L'enseignant, celles de ses classes ; l'élève, les siennes."""
        return self.filter(
            Q(classe__in=Classe.objects.for_user(user, action))
            | Q(eleve__in=Eleve.objects.for_user(user, action).filter(utilisateur=user))
        )

    def ouvertes(self) -> DemandeQuerySet:
        return self.filter(traitee_le__isnull=True)


class Demande(models.Model):
    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="demandes")
    classe = models.ForeignKey(Classe, on_delete=models.PROTECT, related_name="demandes")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="demandes")
    creee_le = models.DateTimeField("faite le", auto_now_add=True)
    reponse = models.CharField("réponse", max_length=REPONSE_MAX, blank=True)
    situation = models.ForeignKey(
        Situation, on_delete=models.SET_NULL, null=True, blank=True, related_name="demandes"
    )
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True)
    traitee_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DemandeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "demande d’évaluation"
        verbose_name_plural = "demandes d’évaluation"
        ordering = ["creee_le", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["eleve", "competence"],
                condition=Q(traitee_le__isnull=True),
                name="demande_ouverte_unique",
                violation_error_message="Vous avez déjà demandé à être évalué sur cette compétence.",
            ),
            models.CheckConstraint(
                condition=Q(traitee_le__isnull=True, traitee_par__isnull=True, reponse="")
                | Q(traitee_le__isnull=False, traitee_par__isnull=False),
                name="demande_traitee",
                violation_error_message="Une demande traitée dit par qui et quand.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.eleve} demande {self.competence.code}"

    def traiter(
        self, par: Utilisateur, le: datetime.datetime, reponse: str = "", situation: Situation | None = None
    ) -> None:
        self.traitee_par, self.traitee_le, self.reponse, self.situation = par, le, reponse, situation
        self.full_clean()
        self.save()
