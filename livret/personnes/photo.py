"""La photo d'un élève, si son établissement les montre : petite, gardée en base, effacée avec lui."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.db import models
from django.urls import reverse

from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve
from trpm.permissions import Action


def portrait(adresse: str) -> str:
    """La photo à côté d'un nom, qui la dit déjà ; rien s'il n'y en a pas."""
    if not adresse:
        return ""
    return f'<img class="portrait" src="{escape(adresse)}" alt="" width="32" height="32" loading="lazy">'


class PhotoEleveQuerySet(models.QuerySet["PhotoEleve"]):
    def for_user(self, user: Utilisateur, action: Action) -> PhotoEleveQuerySet:
        """Celles des élèves de ses classes, tant que l'établissement les montre."""
        return self.filter(
            eleve__scolarites__classe__in=Classe.objects.for_user(user, action),
            eleve__etablissement__photos_d_eleves=True,
        ).distinct()

    def adresses(self, classe: Classe, eleves: Iterable[int]) -> dict[int, str]:
        """Par élève, l'adresse de sa photo. Aucune requête si l'établissement n'en montre pas."""
        return self._adresses(classe.etablissement, eleves)

    def adresse(self, eleve: Eleve) -> str:
        """Celle de la photo d'un élève, ou rien ; aucune requête si l'établissement n'en montre pas."""
        return self._adresses(eleve.etablissement, [eleve.pk]).get(eleve.pk, "")

    def _adresses(self, lieu: Etablissement, eleves: Iterable[int]) -> dict[int, str]:
        if not lieu.photos_d_eleves:
            return {}
        lues = self.filter(eleve__in=list(eleves)).values_list("eleve", "recue_le")
        return {eleve: f"{reverse('livret:photo', args=[eleve])}?v={le:%y%m%d%H%M%S}" for eleve, le in lues}


class PhotoEleve(models.Model):
    eleve = models.OneToOneField(Eleve, on_delete=models.CASCADE, related_name="photo")
    image = models.BinaryField("image")
    recue_le = models.DateTimeField("reçue le", auto_now=True)

    objects = PhotoEleveQuerySet.as_manager()

    class Meta:
        verbose_name = "photo d’élève"
        verbose_name_plural = "photos d’élèves"

    def __str__(self) -> str:
        return f"Photo de {self.eleve}"
