"""Ce qu'un appareil a envoyé, une fois pour toutes : de quoi rejouer un envoi sans écrire deux fois."""

from __future__ import annotations

from django.db import models

from livret.personnes.models.compte import Utilisateur
from livret.situation.models.situation import Situation


class Operation(models.Model):
    """Une case changée sur un appareil, et ce que le serveur en a fait.

    L'identifiant est tiré par l'appareil. `chaine` réunit les changements d'une même case faits à la
    suite sans attendre de réponse, `rang` les range : un envoi en retard ne défait pas un plus récent.
    """

    class Resultat(models.TextChoices):
        ENREGISTRE = "enregistre", "enregistré"
        CONFLIT = "conflit", "conflit"
        REFUS = "refus", "refusé"

    uuid = models.UUIDField("identifiant", primary_key=True, editable=False)
    situation = models.ForeignKey(Situation, on_delete=models.CASCADE, related_name="operations")
    auteur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    case = models.CharField("case", max_length=50)
    texte = models.TextField("texte", blank=True)
    vu = models.TextField("vu", blank=True)
    chaine = models.UUIDField("chaîne")
    rang = models.PositiveIntegerField("rang", default=0)
    resultat = models.CharField("résultat", max_length=10, choices=Resultat)
    ecrite = models.BooleanField("a changé la case", default=False)
    motif = models.TextField("motif du refus", blank=True)
    actuel = models.TextField("ce que portait la case", blank=True)
    actuel_auteur = models.CharField("écrit par", max_length=310, blank=True)
    actuel_le = models.DateTimeField("écrit le", null=True, blank=True)
    recue_le = models.DateTimeField("reçue le")

    class Meta:
        verbose_name = "opération de saisie"
        verbose_name_plural = "opérations de saisie"
        indexes = [models.Index(fields=["chaine", "rang"], name="operation_chaine")]

    def __str__(self) -> str:
        return f"{self.case} : {self.texte}"
