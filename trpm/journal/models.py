"""Le journal : qui a vu, emporté ou changé ce qui concerne une personne, et qui s'est connecté.

Il s'ajoute et ne se change pas : la base refuse le reste, et n'ôte une ligne qu'une fois passé le jour que la
règle disait quand elle fut écrite. Ce que la ligne nomme peut disparaître avant elle : ses liens n'obligent
à rien.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


def _lien(vers: str, nom: str) -> Any:
    return models.ForeignKey(
        vers,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=nom,
    )


class ActeNote(models.Model):
    class Nature(models.TextChoices):
        VU = "vu", "Consultation"
        EMPORTE = "emporte", "Téléchargement"
        CHANGE = "change", "Changement"
        CONNEXION = "connexion", "Connexion"

    nature = models.CharField("nature", max_length=10, choices=Nature)
    adresse = models.CharField("acte", max_length=80)
    le = models.DateTimeField("le")
    tranche = models.BigIntegerField(
        "tranche",
        help_text="L’heure, pour une lecture\xa0: la même, relue dans l’heure, est une seule ligne.",
    )
    auteur = _lien(settings.AUTH_USER_MODEL, "par")
    qualite = models.CharField("en qualité de", max_length=80, blank=True)
    objet = models.CharField("objet", max_length=60, blank=True)
    cle = models.BigIntegerField("numéro", default=0)
    eleve = _lien("livret.Eleve", "élève")
    classe = _lien("livret.Classe", "classe")
    etablissement = _lien("livret.Etablissement", "établissement")
    garde_jusqu_au = models.DateField("gardé jusqu’au")

    class Meta:
        verbose_name = "acte du journal"
        verbose_name_plural = "actes du journal"
        ordering = ["-le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["auteur", "adresse", "objet", "cle", "tranche"], name="acte_une_fois_par_tranche"
            )
        ]
        indexes = [
            models.Index(fields=["etablissement", "-le"], name="acte_du_lieu"),
            models.Index(fields=["eleve", "-le"], name="acte_de_l_eleve"),
            models.Index(fields=["auteur", "-le"], name="acte_de_l_auteur"),
            models.Index(fields=["garde_jusqu_au"], name="acte_terme"),
        ]

    def __str__(self) -> str:
        return f"{self.get_nature_display()}\xa0: {self.adresse}"
