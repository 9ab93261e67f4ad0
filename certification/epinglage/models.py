"""Le journal des mises en service : quelle promotion est passée à quelle grille, par qui (Q54)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from certification.commission.models import Commission
from livret.models import Promotion, Utilisateur
from referentiel.models import Grille


class MiseEnService(models.Model):
    """Une promotion passe à une autre version de grille ; les commissions qui n'ont rien décidé suivent."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="+")
    avant = models.ForeignKey(
        Grille, on_delete=models.PROTECT, related_name="+", verbose_name="grille d’avant"
    )
    apres = models.ForeignKey(
        Grille, on_delete=models.PROTECT, related_name="+", verbose_name="grille mise en service"
    )
    commissions = models.ManyToManyField(Commission, related_name="+", blank=True)
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField("mise en service le")
    annulee_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    annulee_le = models.DateTimeField("annulée le", null=True, blank=True)

    class Meta:
        verbose_name = "mise en service d’une grille"
        verbose_name_plural = "mises en service de grilles"
        ordering = ["-le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(annulee_le__isnull=True, annulee_par__isnull=True)
                | Q(annulee_le__isnull=False, annulee_par__isnull=False),
                name="mise_en_service_annulee_par",
                violation_error_message="Un retour en arrière dit qui l’a fait, et quand.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.promotion} : {self.apres}"
