"""Le journal des changements de promotion : ce qu'un élève préparait avant, qui l'en a changé, et quand."""

from __future__ import annotations

from django.db import models

from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from referentiel.models import Option, Statut


class ChangementDePromotion(models.Model):
    """Ce que l'élève était sous le référentiel qu'il quitte : ses preuves d'alors se lisent ainsi."""

    eleve = models.ForeignKey(Eleve, on_delete=models.CASCADE, related_name="changements", db_index=False)
    avant = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="+", verbose_name="promotion quittée"
    )
    option_avant = models.ForeignKey(
        Option, on_delete=models.PROTECT, related_name="+", verbose_name="option d’alors"
    )
    statut_avant = models.ForeignKey(
        Statut,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="statut d’alors",
    )
    numero_avant = models.CharField("numéro de candidat d’alors", max_length=20, blank=True)
    apres = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="+", verbose_name="promotion rejointe"
    )
    classe = models.ForeignKey(
        Classe, on_delete=models.PROTECT, related_name="+", verbose_name="classe rejointe"
    )
    jour = models.DateField("à compter du")
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    fait_le = models.DateTimeField("fait le")

    class Meta:
        verbose_name = "changement de promotion"
        verbose_name_plural = "changements de promotion"
        ordering = ["-fait_le", "-pk"]
        indexes = [models.Index(fields=["eleve", "fait_le"], name="changement_de_l_eleve")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(avant=models.F("apres")),
                name="changement_vers_une_autre",
                violation_error_message="Un changement de promotion mène à une autre promotion.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.eleve} : {self.avant} → {self.apres}"
