"""L'en-tête des documents d'un établissement : son logo, redessiné à la réception."""

from __future__ import annotations

from django.db import models

from livret.models import Etablissement


class Entete(models.Model):
    """Gardé en base, avec le reste : quelques kilooctets, sauvegardés et restaurés avec elle."""

    etablissement = models.OneToOneField(Etablissement, on_delete=models.CASCADE, related_name="entete")
    logo = models.BinaryField("logo")
    type_mime = models.CharField("type", max_length=20)

    class Meta:
        verbose_name = "en-tête"
        verbose_name_plural = "en-têtes"

    def __str__(self) -> str:
        return f"En-tête de {self.etablissement}"
