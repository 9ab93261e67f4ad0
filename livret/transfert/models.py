"""Un élève reçu d'une autre installation : l'archive telle qu'elle est venue, et ce qui en fut repris."""

from __future__ import annotations

import uuid

from django.db import models

from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve
from trpm.permissions import Action


def rangement_du_transfert(recu: TransfertRecu, nom: str) -> str:
    return f"transferts/{uuid.uuid4().hex}"


class TransfertRecuQuerySet(models.QuerySet["TransfertRecu"]):
    def for_user(self, user: Utilisateur, action: Action) -> TransfertRecuQuerySet:
        return self.filter(etablissement__in=user.etablissements(action))


class TransfertRecu(models.Model):
    """`compte_rendu` : ce qui fut repris, compté, et ce qui n'est lisible que dans l'archive."""

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="transferts")
    eleve = models.ForeignKey(Eleve, on_delete=models.CASCADE, related_name="transferts")
    origine = models.CharField("établissement d’origine", max_length=220)
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    signataire = models.CharField("clé de signature", max_length=40)
    archive = models.FileField("archive", upload_to=rangement_du_transfert, max_length=100)
    compte_rendu = models.JSONField("compte rendu", default=list)
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+", verbose_name="reçu par")
    le = models.DateTimeField("reçu le")

    objects = TransfertRecuQuerySet.as_manager()

    class Meta:
        verbose_name = "transfert reçu"
        verbose_name_plural = "transferts reçus"
        ordering = ["-le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "empreinte"],
                name="transfert_recu_unique",
                violation_error_message="Cette archive a déjà été reçue.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.eleve}, venu de {self.origine}"
