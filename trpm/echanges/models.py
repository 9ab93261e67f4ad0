"""La dernière fois que quelque chose est sorti : quand, par qui, et l'empreinte de ce qui est parti.

Le journal dit toutes les fois ; ici, de quoi dire ce qui a changé depuis.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Sortie(models.Model):
    """Le contenu n'est pas gardé : son empreinte dit s'il a changé depuis."""

    class Genre(models.TextChoices):
        ETABLISSEMENT = "etablissement", "établissement entier"
        CLASSEUR = "classeur", "niveaux d’une classe, en classeur"
        TABLEAU = "tableau", "niveaux d’une classe, en texte séparé"

    genre = models.CharField("genre", max_length=15, choices=Genre)
    etablissement = models.ForeignKey(
        "livret.Etablissement", on_delete=models.CASCADE, related_name="sorties"
    )
    classe = models.ForeignKey(
        "livret.Classe",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sorties",
        db_index=False,
    )
    par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="pris par"
    )
    le = models.DateTimeField("pris le")
    empreinte = models.CharField("empreinte SHA-256", max_length=64)

    class Meta:
        verbose_name = "sortie"
        ordering = ["-le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "genre"],
                condition=Q(classe__isnull=True),
                name="sortie_de_l_etablissement_unique",
            ),
            models.UniqueConstraint(fields=["classe", "genre"], name="sortie_de_la_classe_unique"),
            models.CheckConstraint(
                condition=Q(genre="etablissement", classe__isnull=True)
                | Q(~Q(genre="etablissement"), classe__isnull=False),
                name="sortie_d_un_lieu_ou_d_une_classe",
                violation_error_message="Une sortie est d’un établissement ou d’une classe.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_genre_display()}, {self.le:%d/%m/%Y}"

    @classmethod
    def noter(cls, genre: Genre, lieu: Any, par: Any, empreinte: str, classe: Any = None) -> Sortie:
        """Remplace la fois d'avant."""
        quand = {"par": par, "le": timezone.now(), "empreinte": empreinte}
        sortie, _ = cls.objects.update_or_create(
            genre=genre, etablissement=lieu, classe=classe, defaults=quand
        )
        return sortie
