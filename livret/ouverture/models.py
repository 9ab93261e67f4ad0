"""Le code qui ouvre une installation neuve : un seul à la fois, dont la base ne garde que l'empreinte."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import Self

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from livret.personnes.identifiants import mot_de_passe_lisible
from livret.personnes.models.compte import Utilisateur

ESSAIS = 20
MANQUE = "Ce n’est pas le code que le serveur a donné à son dernier démarrage."
EPUISE = "Trop de codes manqués\xa0: redémarrez le serveur, il en donnera un autre."
ABSENT = (
    "Aucun code n’est attendu\xa0: il vient de servir, ou une restauration est en cours. Sinon, redémarrez "
    "le serveur, il en donnera un autre."
)
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

    @classmethod
    def refus(cls, saisi: str, *, garder: bool = False) -> str:
        """Vide si c'est lui, qui ne resservira pas, sauf à le garder pour la page suivante ; sinon la phrase
        du refus. Un essai manqué se compte, le dernier ferme."""
        with transaction.atomic():
            code = cls.courant()
            if code is None:
                return ABSENT
            if not code.epuise and secrets.compare_digest(code.empreinte, _empreinte(saisi)):
                if not garder:
                    code.delete()
                return ""
            if not code.epuise:
                code.essais += 1
                code.save(update_fields=["essais"])
            return EPUISE if code.epuise else MANQUE

    @classmethod
    def rendre(cls, saisi: str) -> None:
        """Un code pris pour rien sert encore, tant qu'aucun compte n'existe."""
        if installation_neuve():
            neuf = {"empreinte": _empreinte(saisi), "tire_le": timezone.now()}
            cls.objects.get_or_create(rang=1, defaults=neuf)


def _empreinte(code: str) -> str:
    signes = "".join(un for un in code.casefold() if un.isalnum())
    return hashlib.sha256(signes.encode()).hexdigest()
