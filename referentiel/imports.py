"""Le journal des imports : qui a changé un référentiel, quand, avec quel fichier, et ce qui a changé."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models

from referentiel.diplome import Referentiel


class ImportReferentiel(models.Model):
    """Un import appliqué. L'état d'avant est gardé tel que l'export l'écrivait, pour y revenir."""

    class Origine(models.TextChoices):
        FICHIER = "fichier", "fichier JSON"
        CLASSEUR = "classeur", "classeur"
        CASE = "case", "fichier CASE"
        MOODLE = "moodle", "fichier Moodle"
        PAGE = "page", "page de l’application"
        CATALOGUE = "catalogue", "catalogue livré"
        RETOUR = "retour", "retour à un état d’avant"
        COMMANDE = "commande", "ligne de commande"

    referentiel = models.ForeignKey(
        Referentiel, on_delete=models.SET_NULL, null=True, blank=True, related_name="imports"
    )
    code = models.CharField("code", max_length=30)
    version = models.CharField("version", max_length=30)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    par = models.CharField("par", max_length=200, blank=True)
    le = models.DateTimeField("le", auto_now_add=True)
    origine = models.CharField("origine", max_length=20, choices=Origine)
    nom = models.CharField("nom du fichier", max_length=255, blank=True)
    fichier = models.TextField("fichier importé")
    avant = models.TextField("état d’avant", blank=True)
    changements = models.JSONField("changements", default=list)

    class Meta:
        verbose_name = "import de référentiel"
        verbose_name_plural = "imports de référentiel"
        ordering = ["-le", "-pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.version}, {self.get_origine_display()}"

    @property
    def par_qui(self) -> str:
        return self.par or "la ligne de commande"

    @property
    def cree(self) -> bool:
        """Le premier import de ce référentiel : revenir, c'est le retirer."""
        return not self.avant

    def compte(self, sorte: str) -> int:
        return sum(ligne["sorte"] == sorte for ligne in self.changements)

    @property
    def ajouts(self) -> int:
        return self.compte("ajout")

    @property
    def modifications(self) -> int:
        return self.compte("modification")

    @property
    def retraits(self) -> int:
        return self.compte("retrait")


@dataclass(frozen=True)
class Provenance:
    """D'où vient un import, tel que le journal le garde."""

    origine: str
    texte: str
    nom: str = ""
    auteur: Any = None

    def noter(self, referentiel: Referentiel, avant: str, changements: Iterable[dict[str, Any]]) -> None:
        ImportReferentiel.objects.create(
            referentiel=referentiel,
            code=referentiel.code,
            version=referentiel.version,
            auteur=self.auteur,
            par=str(self.auteur or ""),
            origine=self.origine,
            nom=self.nom[:255],
            fichier=self.texte,
            avant=avant,
            changements=list(changements),
        )
