"""Les responsables légaux d'un élève, et ce qu'ils disent avoir lu."""

from __future__ import annotations

from django.db import models

from livret.bilan.models import Bilan
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from trpm.permissions import Action, Role


class ResponsableQuerySet(models.QuerySet["Responsable"]):
    def for_user(self, user: Utilisateur, action: Action) -> ResponsableQuerySet:
        """L'administrateur, là où l'établissement s'est ouvert aux familles ; le responsable, les siens."""
        ouverts = self.filter(eleve__etablissement__familles=True)
        if action == Action.SUIVRE_SON_ENFANT:
            lieux = user.etablissements(action, Role.RESPONSABLE)
            return ouverts.filter(compte=user, eleve__actif=True, eleve__etablissement__in=lieux)
        return ouverts.filter(eleve__etablissement__in=user.etablissements(action))


class Responsable(models.Model):
    """Une personne lit ce qui est publié de cet élève, et de lui seul."""

    compte = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="enfants", db_index=False)
    eleve = models.ForeignKey(Eleve, on_delete=models.CASCADE, related_name="responsables")
    depuis = models.DateTimeField("depuis", auto_now_add=True)

    objects = ResponsableQuerySet.as_manager()

    class Meta:
        verbose_name = "responsable légal"
        verbose_name_plural = "responsables légaux"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["compte", "eleve"],
                name="responsable_unique",
                violation_error_message="Cette personne est déjà responsable de cet élève.",
            )
        ]

    def __str__(self) -> str:
        return self.compte.nom_complet


class AccuseDeLecture(models.Model):
    """Un responsable dit avoir lu cette version, validée, d'un bilan."""

    bilan = models.ForeignKey(Bilan, on_delete=models.CASCADE, related_name="accuses", db_index=False)
    compte = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="+")
    lu_le = models.DateTimeField("lu le", auto_now_add=True)

    class Meta:
        verbose_name = "accusé de lecture"
        verbose_name_plural = "accusés de lecture"
        ordering = ["lu_le", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bilan", "compte"],
                name="accuse_unique",
                violation_error_message="Cette lecture est déjà notée.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.compte.nom_complet}, {self.bilan}"
