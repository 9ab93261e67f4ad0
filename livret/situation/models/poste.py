"""Le poste de travail : une machine ou un TP d'une situation, et qui y passe à quel tour."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from referentiel.models import Competence, Detaillee
from trpm.permissions import Action

TOURS_MAX = 12


class Preregle(models.Model):
    """Un nom, un rang, et ce que l'on y observe ; rien de coché : tout ce que vise la situation."""

    nom = models.CharField("nom", max_length=80, help_text="La machine ou le TP.")
    ordre = models.PositiveSmallIntegerField("rang", default=1, help_text="Ordre de passage.")
    competences = models.ManyToManyField(
        Competence, related_name="%(class)ss", blank=True, verbose_name="compétences"
    )
    detaillees = models.ManyToManyField(
        Detaillee, related_name="%(class)ss", blank=True, verbose_name="compétences détaillées"
    )

    class Meta:
        abstract = True
        ordering = ["ordre", "pk"]

    def __str__(self) -> str:
        return self.nom


class PosteQuerySet(models.QuerySet["Poste"]):
    def for_user(self, user: Utilisateur, action: Action) -> PosteQuerySet:
        return self.filter(situation__in=Situation.objects.for_user(user, action))


class Poste(Preregle):
    situation = models.ForeignKey(Situation, on_delete=models.CASCADE, related_name="postes", db_index=False)

    objects = PosteQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta(Preregle.Meta):
        verbose_name = "poste"
        constraints = [
            models.UniqueConstraint(
                fields=["situation", "nom"],
                name="poste_unique",
                violation_error_message="Un poste de la situation porte déjà ce nom.",
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse("livret:postes", args=[self.situation_id])

    def cles(self) -> set[str]:
        """Colonnes de la grille que ce poste montre ; vide : toutes. Deux requêtes."""
        return {f"c{pk}" for pk in self.competences.values_list("pk", flat=True)} | {
            f"d{pk}" for pk in self.detaillees.values_list("pk", flat=True)
        }


class PosteModele(Preregle):
    """Le poste d'un modèle de la bibliothèque : sans élève et sans tour."""

    modele = models.ForeignKey(
        "livret.ModeleSituation", on_delete=models.CASCADE, related_name="postes", db_index=False
    )

    class Meta(Preregle.Meta):
        verbose_name = "poste de modèle"
        verbose_name_plural = "postes de modèle"
        constraints = [
            models.UniqueConstraint(
                fields=["modele", "nom"],
                name="postemodele_unique",
                violation_error_message="Un poste du modèle porte déjà ce nom.",
            )
        ]


class Affectation(models.Model):
    """Un élève à un poste, à un tour. C'est un plan, que l'on refait à volonté : il n'a pas d'historique."""

    situation = models.ForeignKey(
        Situation, on_delete=models.CASCADE, related_name="affectations", db_index=False
    )
    poste = models.ForeignKey(Poste, on_delete=models.CASCADE, related_name="affectations")
    eleve = models.ForeignKey(Eleve, on_delete=models.CASCADE, related_name="affectations")
    tour = models.PositiveSmallIntegerField(
        "tour", validators=[MinValueValidator(1), MaxValueValidator(TOURS_MAX)]
    )

    class Meta:
        verbose_name = "affectation"
        ordering = ["tour", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["situation", "eleve", "tour"],
                name="affectation_unique",
                violation_error_message="Cet élève est déjà à un poste pendant ce tour.",
            ),
            models.CheckConstraint(
                condition=Q(tour__range=(1, TOURS_MAX)),
                name="affectation_tour",
                violation_error_message=f"Un tour se compte de 1 à {TOURS_MAX}.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.eleve} : {self.poste}, tour {self.tour}"
