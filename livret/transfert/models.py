"""Un élève reçu d'une autre installation : l'archive telle qu'elle est venue, et ce qui en fut repris."""

from __future__ import annotations

import uuid

from django.db import models, transaction

from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve
from trpm.permissions import Action


def rangement_du_transfert(recu: TransfertRecu, nom: str) -> str:
    return f"transferts/{uuid.uuid4().hex}"


class TransfertRecuQuerySet(models.QuerySet["TransfertRecu"]):
    def for_user(self, user: Utilisateur, action: Action) -> TransfertRecuQuerySet:
        return self.filter(etablissement__in=user.etablissements(action))

    def deposes(self) -> TransfertRecuQuerySet:
        """Ceux dont l'aperçu attend d'être confirmé."""
        return self.filter(eleve__isnull=True)

    def recus(self) -> TransfertRecuQuerySet:
        return self.filter(eleve__isnull=False)


class TransfertRecu(models.Model):
    """Déposé, puis confirmé pour un élève. `compte_rendu` : ce qui fut repris, compté ; `lignes` : ses bilans
    et ses PFMP d'ailleurs, à lire tels quels."""

    etablissement = models.ForeignKey(
        Etablissement, on_delete=models.PROTECT, related_name="transferts", db_index=False
    )
    eleve = models.ForeignKey(
        Eleve,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="transferts",
        verbose_name="élève",
    )
    origine = models.CharField("établissement d’origine", max_length=220)
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    signataire = models.CharField("clé de signature", max_length=40)
    archive = models.FileField("archive", upload_to=rangement_du_transfert, max_length=100)
    compte_rendu = models.JSONField("compte rendu", default=list)
    lignes = models.JSONField("bilans et PFMP", default=dict)
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
        return f"{self.eleve or 'Archive déposée'}, venu de {self.origine}"

    def ecarter(self) -> None:
        """Une archive que personne n'a confirmée ne se garde pas : la ligne, puis le fichier."""
        nom, rangement = self.archive.name or "", self.archive.storage
        self.delete()
        transaction.on_commit(lambda: rangement.delete(nom))
