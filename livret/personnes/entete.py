"""L'en-tête des documents d'un établissement : son logo, redessiné à la réception."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from livret.personnes.models.compte import Etablissement
from trpm.impression.images import adresse_en_ligne


class EnteteQuerySet(models.QuerySet["Entete"]):
    def logos(self, etablissements: Iterable[int]) -> dict[int, str]:
        """Par établissement, son logo écrit en adresse `data:`. Une requête."""
        return {une.etablissement_id: une.adresse for une in self.filter(etablissement__in=etablissements)}


class Entete(models.Model):
    """Gardé en base, avec le reste : quelques kilooctets, sauvegardés et restaurés avec elle."""

    etablissement = models.OneToOneField(Etablissement, on_delete=models.CASCADE, related_name="entete")
    logo = models.BinaryField("logo")
    type_mime = models.CharField("type", max_length=20)

    objects = EnteteQuerySet.as_manager()

    class Meta:
        verbose_name = "en-tête"
        verbose_name_plural = "en-têtes"
        db_table = "certification_entete"  # où sont les logos déjà reçus

    def __str__(self) -> str:
        return f"En-tête de {self.etablissement}"

    @property
    def adresse(self) -> str:
        return adresse_en_ligne(bytes(self.logo), self.type_mime)
