"""Ce que la base retient des sauvegardes : les prises, bonnes ou non ; et celle dont elle vient."""

from __future__ import annotations

import datetime

from django.db import models
from django.utils import timezone

TROP_VIEILLE = datetime.timedelta(days=2)


class Sauvegarde(models.Model):
    """Une sauvegarde prise, puis relue tout entière ; ou manquée, et pourquoi."""

    le = models.DateTimeField("prise le", default=timezone.now)
    fichier = models.CharField("fichier", max_length=200, blank=True)
    octets = models.PositiveBigIntegerField("octets", default=0)
    chiffree = models.BooleanField("chiffrée", default=False)
    motif = models.TextField("pourquoi elle a manqué", blank=True)

    class Meta:
        verbose_name = "sauvegarde"
        ordering = ["-le", "-pk"]
        indexes = [models.Index(fields=["le"], name="sauvegarde_le")]

    def __str__(self) -> str:
        return self.fichier or self.motif

    @property
    def bonne(self) -> bool:
        return not self.motif

    @property
    def vieille(self) -> bool:
        return timezone.now() - self.le > TROP_VIEILLE


class Restauration(models.Model):
    """Écrite dans la base rétablie : elle dit que l'échange a eu lieu."""

    jeton = models.CharField("jeton", max_length=32, unique=True)
    le = models.DateTimeField("rétablie le", default=timezone.now)

    class Meta:
        verbose_name = "restauration"
        ordering = ["-le"]

    def __str__(self) -> str:
        return f"restauration du {self.le}"
