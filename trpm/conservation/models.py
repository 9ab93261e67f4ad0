"""Ce qu'un établissement change aux durées de conservation."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class DureeReglee(models.Model):
    """Un nombre d'années décidé par un établissement, à la place de celui du fichier des règles."""

    etablissement = models.ForeignKey(
        "livret.Etablissement", on_delete=models.CASCADE, related_name="durees_reglees", db_index=False
    )
    code = models.CharField("durée", max_length=20)
    annees = models.PositiveSmallIntegerField(
        "années", validators=[MinValueValidator(1), MaxValueValidator(50)]
    )

    class Meta:
        verbose_name = "durée de conservation"
        verbose_name_plural = "durées de conservation"
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "code"],
                name="duree_reglee_unique",
                violation_error_message="Cette durée est déjà réglée pour l’établissement.",
            ),
            models.CheckConstraint(
                condition=models.Q(annees__gte=1, annees__lte=50),
                name="duree_reglee_bornee",
                violation_error_message="Une durée va de 1 à 50 ans.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} : {self.annees} ans"
