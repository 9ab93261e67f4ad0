"""Ce qu'il reste d'une table recopiée ailleurs : la dernière extraction, pour dire ce qui a changé depuis."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from livret.models import Classe, Etablissement, Utilisateur


class Extraction(models.Model):
    """La dernière fois qu'une table a été prise : pour CYCLADES, par session ; pour LSL Pro, par classe."""

    etablissement = models.ForeignKey(
        Etablissement, on_delete=models.CASCADE, related_name="extractions", db_index=False
    )
    session = models.PositiveSmallIntegerField("session, pour CYCLADES", null=True, blank=True)
    classe = models.OneToOneField(
        Classe, on_delete=models.CASCADE, null=True, blank=True, verbose_name="classe, pour LSL Pro"
    )
    faite_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="+", verbose_name="faite par"
    )
    faite_le = models.DateTimeField("faite le", default=timezone.now)
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    contenu = models.JSONField("rangées", help_text="En texte, telles qu’elles sont sorties.")

    class Meta:
        verbose_name = "extraction"
        verbose_name_plural = "extractions"
        ordering = ["-faite_le", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["etablissement", "session"], name="extraction_unique"),
            models.CheckConstraint(
                condition=Q(session__isnull=False, classe__isnull=True)
                | Q(session__isnull=True, classe__isnull=False),
                name="extraction_d_une_session_ou_d_une_classe",
                violation_error_message="Une extraction est d’une session ou d’une classe.",
            ),
        ]

    def __str__(self) -> str:
        return f"Extraction du {self.faite_le:%d/%m/%Y}"
