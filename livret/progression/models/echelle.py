"""L'échelle de compétences d'une promotion : le niveau attendu à la fin de chaque semestre.

Une version ne change plus : modifier l'échelle en ajoute une, signée et datée. À ne pas confondre
avec `referentiel.Echelle`, la suite des niveaux de maîtrise.
"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from livret.personnes.models.classe import Promotion
from livret.personnes.models.compte import Utilisateur
from referentiel.models import Competence, Detaillee, Niveau
from referentiel.reglement.cycle import SEMESTRES_AU_PLUS
from trpm.permissions import Action


class EchelleAttendueQuerySet(models.QuerySet["EchelleAttendue"]):
    def for_user(self, user: Utilisateur, action: Action) -> EchelleAttendueQuerySet:
        return self.filter(promotion__in=Promotion.objects.suivies(user, action))


class EchelleAttendue(models.Model):
    """Une version de l'échelle ; la dernière est en vigueur."""

    promotion = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="echelles", db_index=False
    )
    numero = models.PositiveSmallIntegerField("version")
    nom = models.CharField("nom de la version", max_length=120, blank=True)
    auteur = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="echelles", verbose_name="enregistrée par"
    )
    enregistree_le = models.DateTimeField("enregistrée le")

    objects = EchelleAttendueQuerySet.as_manager()

    class Meta:
        verbose_name = "échelle de compétences"
        verbose_name_plural = "échelles de compétences"
        ordering = ["-numero"]
        constraints = [
            models.UniqueConstraint(
                fields=["promotion", "numero"],
                name="echelle_attendue_unique",
                violation_error_message="Cette version de l’échelle existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"version {self.numero}"


class Attente(models.Model):
    """Niveau attendu d'une compétence, ou de l'une de ses détaillées, à la fin d'un semestre."""

    echelle = models.ForeignKey(EchelleAttendue, on_delete=models.CASCADE, related_name="attentes")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="attentes")
    detaillee = models.ForeignKey(
        Detaillee, on_delete=models.PROTECT, null=True, blank=True, related_name="attentes"
    )
    semestre = models.PositiveSmallIntegerField(
        "semestre", validators=[MinValueValidator(1), MaxValueValidator(SEMESTRES_AU_PLUS)]
    )
    niveau = models.ForeignKey(Niveau, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "niveau attendu"
        verbose_name_plural = "niveaux attendus"
        ordering = ["competence__ordre", "detaillee__ordre", "semestre"]
        constraints = [
            models.UniqueConstraint(
                fields=["echelle", "competence", "semestre"],
                condition=Q(detaillee__isnull=True),
                name="attente_de_competence_unique",
                violation_error_message="Un seul niveau attendu par compétence et par semestre.",
            ),
            models.UniqueConstraint(
                fields=["echelle", "detaillee", "semestre"],
                condition=Q(detaillee__isnull=False),
                name="attente_de_detaillee_unique",
                violation_error_message="Un seul niveau attendu par compétence détaillée et par semestre.",
            ),
            models.CheckConstraint(
                condition=Q(semestre__gte=1, semestre__lte=SEMESTRES_AU_PLUS),
                name="attente_semestre_borne",
                violation_error_message="Ce semestre n’est d’aucun cycle.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.detaillee or self.competence}, semestre {self.semestre} : {self.niveau}"
