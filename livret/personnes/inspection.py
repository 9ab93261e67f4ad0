"""Le mandat de l'inspecteur : une académie, et tous ses établissements, présents et à venir.

Il se donne dans l'administration technique, par qui est nommé pour l'installation : aucun établissement
ne peut se l'accorder.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from livret.personnes.models.compte import Utilisateur


class MandatInspection(models.Model):
    utilisateur = models.ForeignKey(
        Utilisateur,
        on_delete=models.CASCADE,
        related_name="mandats",
        verbose_name="inspecteur",
        db_index=False,
    )
    academie = models.CharField(
        "académie", max_length=100, help_text="Telle que ses établissements l’écrivent."
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = "mandat d’inspection"
        verbose_name_plural = "mandats d’inspection"
        ordering = ["academie", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["utilisateur", "academie"],
                name="mandat_inspection_unique",
                violation_error_message="Cette personne inspecte déjà cette académie.",
            ),
            models.CheckConstraint(
                condition=~Q(academie=""),
                name="mandat_inspection_academie",
                violation_error_message="Un mandat nomme une académie.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.utilisateur} : {self.academie}"
