"""Le lien et le code qui ouvrent sa fiche au tuteur, sans compte."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from livret.personnes.models.compte import Utilisateur
from livret.tuteur.jetons import code_lu, code_neuf
from livret.tuteur.models.fiche import FicheTuteur
from trpm.base.jetons import concorde, empreinte, jeton_neuf
from trpm.dates import date_dite

DUREE_LIEN = datetime.timedelta(days=14)
DUREE_CODE = datetime.timedelta(hours=24)
FENETRE_ESSAIS = datetime.timedelta(minutes=15)
ESSAIS_PAR_ADRESSE = 10
ESSAIS_EN_TOUT = 200


@dataclass(frozen=True)
class AccesTuteur:
    """Un lien qui vient de naître, et ce que la base ne saura plus redire."""

    lien: LienTuteur
    jeton: str
    code: str = ""

    @property
    def chemin(self) -> str:
        return reverse("livret:tuteur-fiche", args=[self.lien.pk, self.jeton])


class LienTuteur(models.Model):
    """Ce qui ouvre une fiche sans compte. L'ouvrir n'écrit rien : un antivirus de messagerie peut le
    faire cent fois. Plusieurs peuvent servir ensemble ; on les retire tous d'un geste."""

    fiche = models.ForeignKey(FicheTuteur, on_delete=models.PROTECT, related_name="liens")
    empreinte = models.CharField("empreinte du jeton", max_length=64)
    code_empreinte = models.CharField("empreinte du code", max_length=64, blank=True)
    code_expire_le = models.DateTimeField("code valable jusqu’au", null=True, blank=True)
    cree_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="+", verbose_name="créé par"
    )
    cree_le = models.DateTimeField("créé le")
    envoye_a = models.EmailField("envoyé à", blank=True)
    expire_le = models.DateTimeField("valable jusqu’au")
    retire_le = models.DateTimeField("retiré le", null=True, blank=True)
    retire_par = models.ForeignKey(
        Utilisateur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="retiré par",
    )

    class Meta:
        verbose_name = "lien de tuteur"
        verbose_name_plural = "liens de tuteur"
        ordering = ["-cree_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code_empreinte"], condition=~Q(code_empreinte=""), name="lien_tuteur_code_unique"
            ),
            models.CheckConstraint(
                condition=Q(retire_le__isnull=True, retire_par__isnull=True)
                | Q(retire_le__isnull=False, retire_par__isnull=False),
                name="lien_tuteur_retrait",
            ),
        ]

    def __str__(self) -> str:
        return f"lien du {date_dite(timezone.localtime(self.cree_le))}"

    @classmethod
    def creer(cls, fiche: FicheTuteur, par: Utilisateur, le: datetime.datetime) -> AccesTuteur:
        """Un lien et son code ; `ValidationError` si la fiche ne se remplit pas."""
        if obstacle := fiche.obstacle():
            raise ValidationError(obstacle)
        fiche.exiger_brouillon()
        jeton, code = jeton_neuf(), code_neuf()
        lien = cls.objects.create(
            fiche=fiche,
            empreinte=empreinte(jeton, settings.SECRET_KEY),
            code_empreinte=empreinte(code_lu(code), settings.SECRET_KEY),
            code_expire_le=le + DUREE_CODE,
            cree_par=par,
            cree_le=le,
            expire_le=le + DUREE_LIEN,
        )
        return AccesTuteur(lien, jeton, code)

    @classmethod
    def trouver(cls, pk: int, jeton: str) -> LienTuteur | None:
        lien = cls._lus().filter(pk=pk).first()
        if lien is None or not concorde(jeton, settings.SECRET_KEY, lien.empreinte):
            return None
        return lien

    @classmethod
    def par_code(cls, texte: str, le: datetime.datetime) -> AccesTuteur | None:
        """Un accès neuf pour qui connaît le code, de même échéance que le lien dont il vient."""
        if not (code := code_lu(texte)):
            return None
        lien = (
            cls._lus()
            .filter(
                code_empreinte=empreinte(code, settings.SECRET_KEY),
                code_expire_le__gt=le,
                expire_le__gt=le,
                retire_le__isnull=True,
            )
            .first()
        )
        if lien is None:
            return None
        jeton = jeton_neuf()
        neuf = cls.objects.create(
            fiche=lien.fiche,
            empreinte=empreinte(jeton, settings.SECRET_KEY),
            cree_par=lien.cree_par,
            cree_le=le,
            expire_le=lien.expire_le,
        )
        return AccesTuteur(neuf, jeton)

    @classmethod
    def _lus(cls) -> models.QuerySet[LienTuteur]:
        return cls.objects.select_related(
            "cree_par",
            "fiche__pfmp__referent",
            "fiche__pfmp__eleve__etablissement",
            "fiche__pfmp__periode__classe__promotion__referentiel",
            "fiche__tuteur__entreprise",
        )

    def fin_de_vie(self, le: datetime.datetime) -> str:
        """Retiré, ou périmé ; vide s'il ne l'est pas."""
        if self.retire_le:
            return "Ce lien a été retiré par le lycée."
        if self.expire_le <= le:
            return f"Ce lien était valable jusqu’au {date_dite(timezone.localtime(self.expire_le))}."
        return ""

    def fermeture(self, le: datetime.datetime) -> str:
        """Pourquoi ce lien n'ouvre plus la fiche ; vide s'il l'ouvre."""
        return self.fin_de_vie(le) or (self.fiche.obstacle() if self.fiche.remplissable else "")


class EssaiDeCode(models.Model):
    """Un code essayé, depuis une adresse que l'on ne garde que condensée ; effacé après un jour."""

    adresse = models.CharField("empreinte de l’adresse", max_length=64)
    le = models.DateTimeField("le", db_index=True)

    class Meta:
        verbose_name = "essai de code"
        verbose_name_plural = "essais de code"

    def __str__(self) -> str:
        return f"essai du {self.le}"

    @classmethod
    def admettre(cls, adresse: str, le: datetime.datetime) -> EssaiDeCode | None:
        """L'essai, compté avant d'être jugé ; `None` si cette adresse, ou toutes, ont trop essayé."""
        cls.objects.filter(le__lt=le - datetime.timedelta(days=1)).delete()
        essai = cls.objects.create(adresse=empreinte(adresse, settings.SECRET_KEY), le=le)
        recents = cls.objects.filter(le__gt=le - FENETRE_ESSAIS)
        trop = recents.filter(adresse=essai.adresse).count() > ESSAIS_PAR_ADRESSE
        if trop or recents.count() > ESSAIS_EN_TOUT:
            essai.delete()
            return None
        return essai
