"""La pièce jointe : sujet, plan ou gamme, rangé hors des adresses publiques sous un nom tiré au hasard."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models, transaction
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.personnes.models.compte import Utilisateur
from livret.situation.models.situation import Situation
from trpm.permissions import Action

PIECES_MAX = 20


def rangement(piece: PieceJointe, nom: str) -> str:
    """Ni le nom ni l'extension reçus n'arrivent sur le disque."""
    tirage = uuid.uuid4().hex
    return f"pieces/{tirage[:2]}/{tirage}"


class PieceJointeQuerySet(models.QuerySet["PieceJointe"]):
    def for_user(self, user: Utilisateur, action: Action) -> PieceJointeQuerySet:
        return self.filter(situation__in=Situation.objects.for_user(user, action))


class PieceJointe(models.Model):
    situation = models.ForeignKey(Situation, on_delete=models.CASCADE, related_name="pieces")
    fichier = models.FileField("fichier", upload_to=rangement, max_length=100)
    nom = models.CharField("nom", max_length=150)
    type_mime = models.CharField("type", max_length=100)
    taille = models.PositiveIntegerField("taille (octets)")
    auteur = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="pieces", verbose_name="jointe par"
    )
    jointe_le = models.DateTimeField("jointe le", auto_now_add=True)

    objects = PieceJointeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ["nom", "pk"]

    def __str__(self) -> str:
        return self.nom

    def get_absolute_url(self) -> str:
        return reverse("livret:piece", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Le fichier ne part qu'avec la ligne : une transaction défaite le garde."""
        stockage, chemin = self.fichier.storage, str(self.fichier.name)
        supprimees = super().delete(*args, **kwargs)
        transaction.on_commit(lambda: stockage.delete(chemin))
        return supprimees
