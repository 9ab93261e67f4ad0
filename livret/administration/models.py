"""Les colonnes qu'un établissement a désignées pour lire un fichier de personnes."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from livret.administration.lecture.resultat import EnteteLue
from livret.personnes.models.compte import Etablissement


class ColonnesRetenues(models.Model):
    """Pour les fichiers d'une même ligne d'en-tête ; ni leur contenu ni leurs intitulés ne restent."""

    class Genre(models.TextChoices):
        ELEVES = "eleves", "élèves"
        ENSEIGNANTS = "enseignants", "enseignants"

    etablissement = models.ForeignKey(
        Etablissement,
        on_delete=models.CASCADE,
        related_name="colonnes_retenues",
        verbose_name="établissement",
        db_index=False,
    )
    genre = models.CharField("genre", max_length=12, choices=Genre.choices)
    entetes = models.CharField("empreinte des intitulés", max_length=64)
    colonnes = models.JSONField("rang de chaque donnée")
    le = models.DateTimeField("retenues le", auto_now=True)

    class Meta:
        verbose_name = "colonnes retenues"
        verbose_name_plural = "colonnes retenues"
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "genre", "entetes"], name="colonnes_retenues_unique"
            )
        ]

    def __str__(self) -> str:
        return f"colonnes des {self.get_genre_display()}, {self.etablissement}"

    @classmethod
    def de(cls, lieu: int, genre: str) -> dict[str, dict[str, int]]:
        """Par empreinte d'en-tête, les colonnes désignées dans cet établissement."""
        return dict(cls.objects.filter(etablissement=lieu, genre=genre).values_list("entetes", "colonnes"))

    @classmethod
    def retenir(cls, lieu: int, genre: str, entetes: Iterable[EnteteLue]) -> None:
        """Garde celles qu'une personne a désignées, oublie celles d'un fichier relu sans elles."""
        lues = {un.empreinte: un for un in entetes}
        tenues = cls.de(lieu, genre) if lues else {}
        for empreinte, une in lues.items():
            if une.choisie and tenues.get(empreinte) != une.colonnes:
                cls.objects.update_or_create(
                    etablissement_id=lieu, genre=genre, entetes=empreinte, defaults={"colonnes": une.colonnes}
                )
        if oubliees := [un for un, lue in lues.items() if un in tenues and not lue.choisie]:
            cls.objects.filter(etablissement=lieu, genre=genre, entetes__in=oubliees).delete()
