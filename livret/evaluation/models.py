"""Ce qui a été constaté : un niveau, une mention ou un mot, pour un élève dans une situation.

Le niveau de la compétence (`Evaluation`) est la donnée officielle ; les compétences
détaillées (`Observation`) aident à le choisir et ne l'écrivent jamais (Q6, Q7).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from livret.niveaux import MENTIONS
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from referentiel.models import Competence, Detaillee, Niveau


class Mention(models.TextChoices):
    """Ce qui n'est pas un niveau et ne compte jamais."""

    NON_EVALUE = "NE", MENTIONS["NE"]
    ABSENT = "ABS", MENTIONS["ABS"]
    DISPENSE = "DISP", MENTIONS["DISP"]


class Saisie(models.Model):
    """Un niveau ou une mention, jamais les deux ; qui, et quand."""

    situation = models.ForeignKey(
        Situation, on_delete=models.PROTECT, related_name="%(class)ss", db_index=False
    )
    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="%(class)ss", db_index=False)
    niveau = models.ForeignKey(Niveau, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mention = models.CharField("mention", max_length=4, choices=Mention, blank=True)
    auteur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.niveau.code if self.niveau else self.mention


def niveau_ou_mention(nom: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(niveau__isnull=False, mention="") | (Q(niveau__isnull=True) & ~Q(mention="")),
        name=nom,
        violation_error_message="Une case porte un niveau ou une mention, jamais les deux.",
    )


class Observation(Saisie):
    """Niveau constaté sur une compétence détaillée."""

    detaillee = models.ForeignKey(Detaillee, on_delete=models.PROTECT, related_name="observations")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "observation"
        constraints = [
            models.UniqueConstraint(fields=["situation", "eleve", "detaillee"], name="observation_unique"),
            niveau_ou_mention("observation_niveau_ou_mention"),
        ]
        indexes = [models.Index(fields=["eleve", "detaillee", "niveau"], name="observation_meilleur")]


class Evaluation(Saisie):
    """Niveau de la compétence dans la situation : la donnée officielle (Q6)."""

    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="evaluations")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "évaluation"
        constraints = [
            models.UniqueConstraint(fields=["situation", "eleve", "competence"], name="evaluation_unique"),
            niveau_ou_mention("evaluation_niveau_ou_mention"),
        ]
        indexes = [models.Index(fields=["eleve", "competence", "niveau"], name="evaluation_meilleur")]


class Fiche(models.Model):
    """Fiche d'évaluation d'un élève dans une situation : ce qui s'y dit en mots."""

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="fiches", db_index=False)
    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="fiches")
    commentaire = models.TextField("commentaire", blank=True)
    auteur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "fiche d’évaluation"
        verbose_name_plural = "fiches d’évaluation"
        constraints = [
            models.UniqueConstraint(fields=["situation", "eleve"], name="fiche_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.eleve} : {self.situation}"


class Remarque(models.Model):
    """Un mot sur une case de la grille ; il peut exister sans niveau."""

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="remarques")
    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="remarques")
    competence = models.ForeignKey(
        Competence, on_delete=models.PROTECT, null=True, blank=True, related_name="remarques"
    )
    detaillee = models.ForeignKey(
        Detaillee, on_delete=models.PROTECT, null=True, blank=True, related_name="remarques"
    )
    texte = models.TextField("remarque")
    auteur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "remarque"
        constraints = [
            models.CheckConstraint(
                condition=Q(competence__isnull=True, detaillee__isnull=False)
                | Q(competence__isnull=False, detaillee__isnull=True),
                name="remarque_une_case",
                violation_error_message="Une remarque porte sur une seule case.",
            ),
            models.CheckConstraint(condition=~Q(texte=""), name="remarque_ecrite"),
            models.UniqueConstraint(
                fields=["situation", "eleve", "competence"],
                condition=Q(competence__isnull=False),
                name="remarque_competence_unique",
            ),
            models.UniqueConstraint(
                fields=["situation", "eleve", "detaillee"],
                condition=Q(detaillee__isnull=False),
                name="remarque_detaillee_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.texte

    @property
    def case(self) -> str:
        visee = self.detaillee or self.competence
        return visee.code if visee else ""
