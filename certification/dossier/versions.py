"""Les versions figées d'un dossier : ce que plus rien ne modifie, et le jeton qui le vérifie."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from certification.commission.models import Commission, Reunion
from livret.models import Trace, Utilisateur


def tirer_jeton() -> str:
    """128 bits : rien à deviner, donc rien à compter."""
    return secrets.token_urlsafe(16)


class DossierFige(ValidationError):
    """Écriture refusée : le dossier est figé."""

    def __init__(self) -> None:
        super().__init__(
            "Ce dossier est figé : plus rien ne s’y modifie tant que le président ne l’a pas rouvert."
        )


class DossierClos(DossierFige):
    """Écriture refusée : le dossier est clos, il ne se rouvre pas."""

    def __init__(self) -> None:
        ValidationError.__init__(self, "Ce dossier est clos : il se lit encore, plus rien ne s’y modifie.")


class VersionFigeeQuerySet(models.QuerySet["VersionFigee"]):
    def en_vigueur(self) -> VersionFigeeQuerySet:
        return self.filter(rouverte_le__isnull=True)

    def update(self, **champs: Any) -> int:
        raise DossierFige

    def delete(self) -> tuple[int, dict[str, int]]:
        raise DossierFige


class VersionFigee(models.Model):
    """Instantané d'un dossier validé : tout ce qui a servi, tel quel. Jamais modifié."""

    dossier = models.ForeignKey(
        "certification.Dossier", on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    numero = models.PositiveSmallIntegerField("version")
    contenu = models.TextField("contenu", help_text="JSON canonique.")
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    figee_le = models.DateTimeField("figée le")
    figee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    rouverte_le = models.DateTimeField("rouverte le", null=True, blank=True)
    rouverte_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    motif_reouverture = models.TextField("motif de la réouverture", blank=True)

    objects = VersionFigeeQuerySet.as_manager()

    class Meta:
        verbose_name = "version figée"
        verbose_name_plural = "versions figées"
        ordering = ["-numero"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "numero"], name="version_figee_unique"),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(rouverte_le__isnull=True), name="version_figee_en_vigueur"
            ),
            models.CheckConstraint(
                condition=Q(rouverte_le__isnull=True, rouverte_par__isnull=True, motif_reouverture="")
                | (Q(rouverte_le__isnull=False, rouverte_par__isnull=False) & ~Q(motif_reouverture="")),
                name="version_figee_reouverture_motivee",
                violation_error_message="Rouvrir un dossier figé demande un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}, version {self.numero}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise DossierFige
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise DossierFige

    def rouvrir(self, motif: str, par: Utilisateur, le: datetime.datetime) -> None:
        """Rend le dossier modifiable ; l'instantané reste, avec qui l'a rouvert et pourquoi."""
        if self.rouverte_le is not None:
            raise ValidationError("Cette version a déjà été rouverte.")
        self.motif_reouverture, self.rouverte_par, self.rouverte_le = motif.strip(), par, le
        self.full_clean(exclude=["contenu"])
        super().save(update_fields=["motif_reouverture", "rouverte_par", "rouverte_le"])


class TraceCitee(models.Model):
    """Une preuve qu'un instantané cite : la base refuse dès lors de la supprimer."""

    version = models.ForeignKey(
        VersionFigee, on_delete=models.PROTECT, related_name="traces_citees", db_index=False
    )
    trace = models.ForeignKey(Trace, on_delete=models.PROTECT, related_name="citations")

    class Meta:
        verbose_name = "preuve citée"
        verbose_name_plural = "preuves citées"
        constraints = [models.UniqueConstraint(fields=["version", "trace"], name="trace_citee_unique")]

    def __str__(self) -> str:
        return f"{self.trace} dans {self.version}"


class Verification(models.Model):
    """Le jeton d'une version figée, ou celui des documents de toute une commission, de toute une réunion."""

    jeton = models.CharField("jeton", max_length=32, unique=True, default=tirer_jeton, editable=False)
    version = models.OneToOneField(
        VersionFigee, on_delete=models.PROTECT, null=True, blank=True, related_name="verification"
    )
    commission = models.OneToOneField(
        Commission, on_delete=models.CASCADE, null=True, blank=True, related_name="verification"
    )
    reunion = models.OneToOneField(
        Reunion,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="verification",
        verbose_name="réunion",
    )

    class Meta:
        verbose_name = "vérification"
        constraints = [
            models.CheckConstraint(
                condition=Q(version__isnull=False, commission__isnull=True, reunion__isnull=True)
                | Q(version__isnull=True, commission__isnull=False, reunion__isnull=True)
                | Q(version__isnull=True, commission__isnull=True, reunion__isnull=False),
                name="verification_un_seul_objet",
                violation_error_message="Un jeton vérifie une version figée, une commission ou une réunion.",
            )
        ]

    def __str__(self) -> str:
        return str(self.version or self.commission or self.reunion)

    def get_absolute_url(self) -> str:
        return reverse("certification:verifier", args=[self.jeton])

    def versions(self) -> VersionFigeeQuerySet:
        """Ce qui est en vigueur devant la commission, ou devant la réunion, que le jeton vérifie."""
        en_vigueur = VersionFigee.objects.en_vigueur()
        if self.commission_id:
            return en_vigueur.filter(dossier__commission=self.commission_id)
        return en_vigueur.filter(dossier__commission__reunion=self.reunion_id)
