"""Ce qui lit ou écrit à la place d'une personne, sans son mot de passe : un secret par usage, révocable."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from livret.personnes.models.compte import Utilisateur
from trpm.base.jetons import empreinte, jeton_neuf
from trpm.dates import date_dite

TRACE = datetime.timedelta(minutes=1)
"""On ne note pas deux utilisations de la même minute : lire n'écrit presque jamais."""


@dataclass(frozen=True)
class JetonNeuf:
    """Un jeton qui vient de naître, et le secret que la base ne saura plus redire."""

    jeton: Jeton
    secret: str


class JetonQuerySet(models.QuerySet["Jeton"]):
    def for_user(self, user: Utilisateur) -> JetonQuerySet:
        """Les siens : personne d'autre n'en connaît l'existence."""
        return self.filter(utilisateur=user)

    def ouvrants(self, le: datetime.datetime) -> JetonQuerySet:
        """Ni retirés, ni périmés, ni d'un compte fermé."""
        return self.filter(
            Q(expire_le__isnull=True) | Q(expire_le__gt=le),
            retire_le__isnull=True,
            utilisateur__is_active=True,
        )


class Jeton(models.Model):
    """Il ne donne aucun droit : il ouvre ce que la personne peut voir au moment où il sert."""

    class Usage(models.TextChoices):
        CALENDRIER = "calendrier", "calendrier"
        LECTURE = "lecture", "lire"
        SAISIE = "saisie", "lire, et envoyer des niveaux"

    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="jetons")
    usage = models.CharField("usage", max_length=10, choices=Usage)
    nom = models.CharField("nom", max_length=80)
    empreinte = models.CharField("empreinte", max_length=64, unique=True)
    cree_le = models.DateTimeField("créé le")
    expire_le = models.DateTimeField("valable jusqu’au", null=True, blank=True)
    vu_le = models.DateTimeField("dernière utilisation", null=True, blank=True)
    retire_le = models.DateTimeField("retiré le", null=True, blank=True)

    objects = JetonQuerySet.as_manager()

    class Meta:
        verbose_name = "jeton"
        ordering = ["-cree_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(nom=""),
                name="jeton_nom",
                violation_error_message="Un jeton dit à quoi il sert.",
            ),
            models.CheckConstraint(
                condition=Q(usage="calendrier", expire_le__isnull=True)
                | Q(~Q(usage="calendrier"), expire_le__isnull=False, expire_le__gt=F("cree_le")),
                name="jeton_echeance",
                violation_error_message="Un jeton a une échéance\xa0; l’adresse d’un calendrier n’en a pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom

    @classmethod
    def creer(
        cls,
        user: Utilisateur,
        usage: Jeton.Usage,
        nom: str,
        le: datetime.datetime,
        expire_le: datetime.datetime | None = None,
    ) -> JetonNeuf:
        secret = jeton_neuf()
        condense = empreinte(secret, settings.SECRET_KEY)
        champs = {"usage": usage, "nom": nom, "empreinte": condense, "cree_le": le, "expire_le": expire_le}
        return JetonNeuf(cls.objects.create(utilisateur=user, **champs), secret)

    @classmethod
    def ouvrir(cls, secret: str, usages: set[Jeton.Usage], le: datetime.datetime) -> Jeton | None:
        """Celui de ce secret, s'il sert à cela ; son utilisation est notée. Une requête, deux au plus."""
        condense = empreinte(secret, settings.SECRET_KEY)
        trouves = cls.objects.ouvrants(le).filter(empreinte=condense, usage__in=usages)
        trouve = trouves.select_related("utilisateur").first()
        if trouve and (trouve.vu_le is None or trouve.vu_le < le - TRACE):
            cls.objects.filter(pk=trouve.pk).update(vu_le=le)
        return trouve

    def retirer(self, le: datetime.datetime) -> None:
        """Sans effet sur un jeton déjà retiré : la première date reste."""
        Jeton.objects.filter(pk=self.pk, retire_le__isnull=True).update(retire_le=le)

    def fermeture(self, le: datetime.datetime) -> str:
        """Pourquoi il n'ouvre plus rien ; vide s'il ouvre."""
        if self.retire_le:
            return f"retiré le {date_dite(timezone.localtime(self.retire_le))}"
        if self.expire_le and self.expire_le <= le:
            return f"périmé depuis le {date_dite(timezone.localtime(self.expire_le))}"
        return ""
