"""La banque de phrases : ce qu'une personne écrit souvent, pour elle seule."""

from __future__ import annotations

from django.db import models

from livret.personnes.models.compte import Utilisateur
from trpm.base.preparees import Preparee

PHRASES_MAX = 100


@Preparee
def phrases_de(auteur: int) -> models.QuerySet[Phrase]:
    """Celles que la grille propose à cette personne : les siennes."""
    return Phrase.objects.filter(auteur=auteur)


class PhraseQuerySet(models.QuerySet["Phrase"]):
    def for_user(self, user: Utilisateur) -> PhraseQuerySet:
        """Les siennes, et celles de personne d'autre."""
        return self.filter(auteur=user)


class Phrase(models.Model):
    auteur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="phrases", db_index=False)
    texte = models.CharField("phrase", max_length=300)
    rang = models.PositiveSmallIntegerField("rang", default=0)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = "phrase"
        ordering = ["rang", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["auteur", "texte"],
                name="phrase_unique",
                violation_error_message="Cette phrase est déjà dans votre banque.",
            )
        ]

    def __str__(self) -> str:
        return self.texte

    def monter(self) -> None:
        """Échange sa place avec celle qui la précède ; les rangs sont renumérotés à partir de 0."""
        phrases = list(Phrase.objects.for_user(self.auteur))
        rang = phrases.index(self)
        if rang:
            phrases[rang - 1 : rang + 1] = phrases[rang], phrases[rang - 1]
        for numero, une in enumerate(phrases):
            une.rang = numero
        Phrase.objects.bulk_update(phrases, ["rang"])
