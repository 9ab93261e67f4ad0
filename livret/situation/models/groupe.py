"""Le groupe : une partie nommée d'une classe, que vise une situation."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.rotation import repartir
from trpm.permissions import Action


class GroupeQuerySet(models.QuerySet["Groupe"]):
    def for_user(self, user: Utilisateur, action: Action) -> GroupeQuerySet:
        return self.filter(classe__in=Classe.objects.for_user(user, action))

    def actifs(self) -> GroupeQuerySet:
        return self.filter(archive_le__isnull=True)


class Groupe(models.Model):
    """Des élèves d'une classe. S'il a servi, il s'archive ; sinon il se supprime."""

    classe = models.ForeignKey(Classe, on_delete=models.CASCADE, related_name="groupes")
    nom = models.CharField("nom", max_length=40)
    eleves = models.ManyToManyField(Eleve, related_name="groupes", blank=True, verbose_name="élèves")
    archive_le = models.DateTimeField("archivé le", null=True, blank=True)

    objects = GroupeQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[eleves])

    class Meta:
        verbose_name = "groupe"
        ordering = ["nom", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["classe", "nom"],
                condition=models.Q(archive_le__isnull=True),
                name="groupe_unique",
                violation_error_message="Un groupe de la classe porte déjà ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.nom

    def get_absolute_url(self) -> str:
        return reverse("livret:groupes", args=[self.classe_id])

    @classmethod
    def repartir(cls, classe: Classe, eleves: list[Eleve], nom: str, nombre: int) -> list[Groupe]:
        """« Groupe A », « Groupe B »… de tailles égales, dans l'ordre des élèves ; `ValidationError` si
        l'un de ces noms est pris."""
        groupes = [cls(classe=classe, nom=f"{nom} {chr(ord('A') + rang)}") for rang in range(nombre)]
        for groupe in groupes:
            try:
                groupe.full_clean()
            except ValidationError as faute:
                raise ValidationError(f"« {groupe} » : {' '.join(faute.messages)}") from faute
        for groupe, membres in zip(groupes, repartir(eleves, nombre), strict=True):
            groupe.save()
            groupe.eleves.set(membres)
        return groupes

    def retirer(self, le: datetime.datetime) -> bool:
        """Archive le groupe s'il a servi, le supprime sinon ; vrai s'il est archivé."""
        if not self.situations.exists():
            self.delete()
            return False
        self.archive_le = le
        self.save()
        return True

    def remettre(self) -> None:
        """`ValidationError` si un autre groupe a pris ce nom entre-temps."""
        self.archive_le = None
        self.full_clean()
        self.save()
