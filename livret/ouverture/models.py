"""Le code qui ouvre une installation neuve : un seul à la fois, dont la base ne garde que l'empreinte."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import Self

from django.db import IntegrityError, models, transaction

from livret.personnes.identifiants import mot_de_passe_lisible
from livret.personnes.models.compte import Utilisateur

ESSAIS = 20
MEME_DEMARRAGE = datetime.timedelta(seconds=3)
"""Les processus d'un même serveur démarrent ensemble : le premier tire le code, les autres se taisent."""


def installation_neuve() -> bool:
    """Aucun compte n'existe : personne ne peut encore se connecter."""
    return not Utilisateur.objects.exists()


class CodeOuverture(models.Model):
    """Sert une fois, meurt au vingtième essai ou au démarrage suivant, qui en tire un autre."""

    rang = models.PositiveSmallIntegerField("rang", default=1, unique=True, editable=False)
    empreinte = models.CharField("empreinte", max_length=64)
    tire_le = models.DateTimeField("tiré le")
    essais = models.PositiveSmallIntegerField("essais manqués", default=0)

    class Meta:
        verbose_name = "code d’ouverture"
        verbose_name_plural = "codes d’ouverture"
        constraints = [models.CheckConstraint(condition=models.Q(rang=1), name="code_ouverture_seul")]

    def __str__(self) -> str:
        return f"code tiré le {self.tire_le}"

    @classmethod
    def tirer(cls, le: datetime.datetime) -> str:
        """Un code neuf ; vide si un compte existe, ou si un autre processus vient d'en tirer un."""
        if not installation_neuve():
            cls.objects.all().delete()
            return ""
        code = mot_de_passe_lisible()
        neuf = {"empreinte": _empreinte(code), "tire_le": le, "essais": 0}
        anciens = cls.objects.filter(tire_le__lt=le - MEME_DEMARRAGE)
        if anciens.update(**neuf):
            return code
        try:
            with transaction.atomic():
                cls.objects.create(**neuf)
        except IntegrityError:
            return ""
        return code

    @classmethod
    def courant(cls) -> Self | None:
        """Le code, verrouillé jusqu'à la fin de la transaction ; aucun si personne n'en attend.

        Le verrou d'abord : qui attendait derrière un compte qui s'ouvre ne trouve plus de code.
        """
        code = cls.objects.select_for_update().first()
        return code if installation_neuve() else None

    @property
    def epuise(self) -> bool:
        return self.essais >= ESSAIS

    def essayer(self, saisi: str) -> bool:
        """Vrai si c'est lui, qui ne resservira pas ; un essai manqué se compte, le dernier ferme."""
        if self.epuise:
            return False
        if secrets.compare_digest(self.empreinte, _empreinte(saisi)):
            self.delete()
            return True
        self.essais += 1
        self.save(update_fields=["essais"])
        return False


def _empreinte(code: str) -> str:
    signes = "".join(un for un in code.casefold() if un.isalnum())
    return hashlib.sha256(signes.encode()).hexdigest()
