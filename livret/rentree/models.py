"""Le passage d'un établissement à l'année suivante : qui, quand, et ce qu'il a écrit, pour le défaire."""

from __future__ import annotations

from django.db import models

from livret.personnes.models.classe import AnneeScolaire
from livret.personnes.models.compte import Etablissement, Utilisateur
from trpm.permissions import Action


class PassageDAnneeQuerySet(models.QuerySet["PassageDAnnee"]):
    def for_user(self, user: Utilisateur, action: Action) -> PassageDAnneeQuerySet:
        return self.filter(etablissement__in=user.etablissements(action))

    def en_vigueur(self) -> PassageDAnneeQuerySet:
        return self.filter(annule_le__isnull=True)


class PassageDAnnee(models.Model):
    """`ecrit` : les clés de ce qu'il a créé ou changé, par nature (voir `acte.EcritDePassage`)."""

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="passages")
    vers = models.ForeignKey(
        AnneeScolaire, on_delete=models.PROTECT, related_name="passages", verbose_name="année ouverte"
    )
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+", verbose_name="fait par")
    fait_le = models.DateTimeField("fait le")
    ecrit = models.JSONField("ce qu’il a écrit", default=dict)
    annule_par = models.ForeignKey(
        Utilisateur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="annulé par",
    )
    annule_le = models.DateTimeField("annulé le", null=True, blank=True)

    objects = PassageDAnneeQuerySet.as_manager()

    class Meta:
        verbose_name = "changement d’année"
        verbose_name_plural = "changements d’année"
        ordering = ["-fait_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "vers"],
                condition=models.Q(annule_le__isnull=True),
                name="passage_d_annee_unique",
                violation_error_message="Ce changement d’année est déjà fait.",
            )
        ]

    def __str__(self) -> str:
        return f"passage à {self.vers}"
