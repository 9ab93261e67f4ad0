"""Ce qui ouvre au jury, pour un temps, ce qu'une commission a figé ; et la trace de chaque ouverture.

Le secret de l'adresse est tout le droit : la base n'en garde qu'un condensé, et ne peut pas le redire.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from certification.commission.models import Commission
from livret.models import Utilisateur
from trpm.base.jetons import concorde, empreinte, jeton_neuf
from trpm.dates import date_dite
from trpm.permissions import Action


@dataclass(frozen=True)
class LienDuJury:
    """Un accès qui vient de naître, et le secret que la base ne saura plus redire."""

    acces: AccesJury
    jeton: str

    @property
    def chemin(self) -> str:
        return reverse("certification:jury", args=[self.acces.pk, self.jeton])


class AccesJuryQuerySet(models.QuerySet["AccesJury"]):
    def for_user(self, user: Utilisateur, action: Action) -> AccesJuryQuerySet:
        return self.filter(commission__in=Commission.objects.for_user(user, action))


class AccesJury(models.Model):
    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="acces_jury")
    destinataire = models.CharField("donné à", max_length=150)
    empreinte = models.CharField("empreinte du jeton", max_length=64)
    cree_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    cree_le = models.DateTimeField("créé le")
    expire_le = models.DateTimeField("valable jusqu’au")
    retire_le = models.DateTimeField("retiré le", null=True, blank=True)
    retire_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = AccesJuryQuerySet.as_manager()

    class Meta:
        verbose_name = "accès du jury"
        verbose_name_plural = "accès du jury"
        ordering = ["-cree_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expire_le__gt=F("cree_le")),
                name="acces_jury_duree",
                violation_error_message="Un accès se termine après avoir commencé.",
            ),
            models.CheckConstraint(condition=~Q(destinataire=""), name="acces_jury_destinataire"),
            models.CheckConstraint(
                condition=Q(retire_le__isnull=True, retire_par__isnull=True)
                | Q(retire_le__isnull=False, retire_par__isnull=False),
                name="acces_jury_retrait",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.destinataire}, {self.commission}"

    @classmethod
    def creer(
        cls,
        commission: Commission,
        destinataire: str,
        par: Utilisateur,
        le: datetime.datetime,
        expire_le: datetime.datetime,
    ) -> LienDuJury:
        jeton = jeton_neuf()
        acces = cls.objects.create(
            commission=commission,
            destinataire=destinataire,
            empreinte=empreinte(jeton, settings.SECRET_KEY),
            cree_par=par,
            cree_le=le,
            expire_le=expire_le,
        )
        return LienDuJury(acces, jeton)

    @classmethod
    def trouver(cls, pk: int, jeton: str) -> AccesJury | None:
        acces = cls.objects.select_related("commission__etablissement", "commission__epreuve").filter(pk=pk)
        trouve = acces.first()
        if trouve is None or not concorde(jeton, settings.SECRET_KEY, trouve.empreinte):
            return None
        return trouve

    def retirer(self, par: Utilisateur, le: datetime.datetime) -> None:
        """Sans effet sur un accès déjà retiré : la première date reste."""
        AccesJury.objects.filter(pk=self.pk, retire_le__isnull=True).update(retire_le=le, retire_par=par)

    def fermeture(self, le: datetime.datetime) -> str:
        """Pourquoi il n'ouvre plus rien ; vide s'il ouvre."""
        if self.retire_le:
            return "Cet accès a été retiré par l’établissement."
        if self.expire_le <= le:
            return f"Cet accès était valable jusqu’au {date_dite(timezone.localtime(self.expire_le))}."
        return ""

    def noter(self, objet: str, le: datetime.datetime) -> None:
        OuvertureJury.objects.create(acces=self, objet=objet, le=le)


class OuvertureJury(models.Model):
    """Ce qui a été ouvert, par l'accès de qui, et quand."""

    acces = models.ForeignKey(AccesJury, on_delete=models.PROTECT, related_name="ouvertures")
    objet = models.CharField("ouvert", max_length=250)
    le = models.DateTimeField("le")

    class Meta:
        verbose_name = "ouverture par le jury"
        verbose_name_plural = "ouvertures par le jury"
        ordering = ["-le", "-pk"]

    def __str__(self) -> str:
        return f"{self.objet}, {self.acces}"
