"""Le modèle de situation : ce qu'un enseignant prête à ses collègues de l'établissement."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.personnes.identifiants import plie
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.recherche import trouves
from livret.situation.models.inventaire import Inventaire
from livret.situation.models.situation import Situation
from referentiel.models import (
    Competence,
    Detaillee,
    Referentiel,
    Tache,
)
from trpm.permissions import Action


class ModeleSituationQuerySet(models.QuerySet["ModeleSituation"]):
    def for_user(self, user: Utilisateur, action: Action) -> ModeleSituationQuerySet:
        """Ceux de ses établissements : la bibliothèque est commune à toutes les équipes."""
        return self.filter(etablissement__in=user.etablissements(action))

    def proposes(self) -> ModeleSituationQuerySet:
        return self.filter(retire_le__isnull=True)

    def cherche(self, texte: str) -> ModeleSituationQuerySet:
        """Ceux dont l'intitulé, les activités ou les moyens contiennent chaque mot, accents ou non."""
        if not plie(texte):
            return self
        champs = ("pk", "intitule", "description", *Inventaire.RUBRIQUES)
        return self.filter(pk__in=trouves(texte, self.order_by().values_list(*champs)))


class ModeleSituation(Inventaire):
    """Copie d'une situation, sans classe, sans date et sans élève. Il se retire, il ne s'efface pas."""

    REPRIS = ("intitule", "nature", "lieu", "description", *Inventaire.RUBRIQUES)
    REPRIS_MULTIPLES = ("taches", "competences", "detaillees")

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="modeles")
    referentiel = models.ForeignKey(
        Referentiel, on_delete=models.PROTECT, related_name="modeles", verbose_name="référentiel"
    )
    intitule = models.CharField("intitulé", max_length=200)
    nature = models.CharField("nature", max_length=15, choices=Situation.Nature)
    lieu = models.CharField("lieu", max_length=15, choices=Situation.Lieu)
    description = models.TextField("activités menées", blank=True)
    taches = models.ManyToManyField(Tache, related_name="modeles", blank=True, verbose_name="tâches")
    competences = models.ManyToManyField(
        Competence, related_name="modeles", blank=True, verbose_name="compétences visées"
    )
    detaillees = models.ManyToManyField(
        Detaillee, related_name="modeles", blank=True, verbose_name="compétences détaillées visées"
    )
    auteur = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="modeles", verbose_name="partagé par"
    )
    partage_le = models.DateTimeField("partagé le", auto_now_add=True)
    retire_le = models.DateTimeField("retiré le", null=True, blank=True)

    objects = ModeleSituationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "modèle de situation"
        verbose_name_plural = "modèles de situation"
        ordering = ["intitule", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "referentiel", "intitule"],
                condition=models.Q(retire_le__isnull=True),
                name="modele_intitule_unique",
                violation_error_message=(
                    "La bibliothèque propose déjà un modèle de cet intitulé : "
                    "retirez-le, ou changez l’intitulé de la situation."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.intitule

    def get_absolute_url(self) -> str:
        return reverse("livret:modele", args=[self.pk])

    @classmethod
    def depuis(cls, situation: Situation, auteur: Utilisateur) -> ModeleSituation:
        """Partage une copie de la situation ; `ValidationError` si cet intitulé est déjà proposé."""
        modele = cls(
            etablissement=situation.classe.etablissement,
            referentiel=situation.classe.promotion.referentiel,
            auteur=auteur,
            **{nom: getattr(situation, nom) for nom in cls.REPRIS},
        )
        modele.full_clean()
        modele.save()
        for nom in cls.REPRIS_MULTIPLES:
            getattr(modele, nom).set(getattr(situation, nom).all())
        copier_postes(situation, modele)
        return modele

    def retirer(self, le: datetime.datetime) -> None:
        self.retire_le = le
        self.save()

    def remettre(self) -> None:
        """`ValidationError` si un autre modèle a pris cet intitulé entre-temps."""
        self.retire_le = None
        self.full_clean()
        self.save()


def copier_postes(source: Situation | ModeleSituation, cible: Situation | ModeleSituation) -> int:
    """Donne à la cible les postes de la source, sans élève, réduits à ce que la cible vise ; un poste dont
    elle a déjà le nom est laissé. Rend le nombre de postes copiés."""
    dejas = set(cible.postes.values_list("nom", flat=True))
    visees: dict[str, Any] = {nom: set(getattr(cible, nom).all()) for nom in ("competences", "detaillees")}
    nouveaux = [
        poste
        for poste in source.postes.prefetch_related("competences", "detaillees")
        if poste.nom not in dejas
    ]
    for poste in nouveaux:
        copie: Any = cible.postes.create(nom=poste.nom, ordre=poste.ordre)
        for nom, elements in visees.items():
            getattr(copie, nom).set([un for un in getattr(poste, nom).all() if un in elements])
    return len(nouveaux)
