"""Les années scolaires, les promotions et les classes."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from livret import annee
from livret.personnes.candidats import promotions_devant
from livret.personnes.models.compte import Etablissement, Utilisateur
from referentiel.models import Grille, Option, Referentiel
from referentiel.reglement.cycle import Cycle
from referentiel.reglement.tuteur import MotTuteur
from trpm.adresses import adresse
from trpm.permissions import Action, Role


class AnneeScolaire(models.Model):
    debut = models.PositiveSmallIntegerField(
        "année de rentrée", unique=True, validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )

    class Meta:
        verbose_name = "année scolaire"
        verbose_name_plural = "années scolaires"
        ordering = ["-debut"]

    def __str__(self) -> str:
        return f"{self.debut}-{self.debut + 1}"

    @property
    def premier_jour(self) -> datetime.date:
        return annee.premier_jour(self.debut)

    @property
    def dernier_jour(self) -> datetime.date:
        return annee.dernier_jour(self.debut)

    def exiger(self, jour: datetime.date) -> None:
        """`ValidationError` si ce jour n'est pas dans l'année scolaire."""
        if not self.premier_jour <= jour <= self.dernier_jour:
            raise ValidationError(f"Cette date n’est pas dans l’année scolaire {self}.")

    def exiger_de(self, ligne: models.Model, *champs: str) -> None:
        """De même, champ par champ, de ces dates d'une ligne ; une date vide se tait."""
        fautes = {}
        for champ in champs:
            try:
                if jour := getattr(ligne, champ):
                    self.exiger(jour)
            except ValidationError as faute:
                fautes[champ] = faute.messages
        if fautes:
            raise ValidationError(fautes)

    def jour_proche(self, jour: datetime.date) -> datetime.date:
        """Ce jour, ramené dans l'année scolaire."""
        return annee.ramene(jour, self.premier_jour, self.dernier_jour)


ORIGINE: dict[str, Any] = {
    "verbose_name": "établissement d’origine",
    "max_length": 8,
    "blank": True,
    "default": "",
    "editable": False,
    "help_text": "L’UAI d’où vient, avec un élève transféré, ce qui n’est pas d’ici\xa0; vide\xa0: d’ici.",
}


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def for_user(self, user: Utilisateur, action: Action) -> PromotionQuerySet:
        return self.filter(etablissement__in=user.etablissements(action))

    def suivies(self, user: Utilisateur, action: Action) -> PromotionQuerySet:
        """Celles dont il suit une classe : toutes pour l'administrateur, les siennes pour l'enseignant ;
        pour une commission, celles de ses candidats."""
        entiers = user.etablissements(action, Role.ADMINISTRATEUR)
        suivies = Q(pk__in=Classe.objects.for_user(user, action).values("promotion"))
        if user.siege(action):
            suivies |= Q(pk__in=promotions_devant(user, action))
        return self.filter(Q(etablissement__in=entiers) | suivies)


DePromotion = models.Manager.from_queryset(PromotionQuerySet)


class PromotionsDIci(DePromotion):
    """Celles de l'établissement ; une d'ailleurs ne vient que si on la demande, par `toutes`."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(origine="")


class Promotion(models.Model):
    """Élèves qui préparent ensemble une session d'examen, sur une version du référentiel et de sa grille.

    La grille ne change que par une mise en service ; qu'une autre soit importée ne change rien (Q54).
    """

    etablissement = models.ForeignKey(
        Etablissement, on_delete=models.PROTECT, related_name="promotions", db_index=False
    )
    nom = models.CharField("nom", max_length=80)
    referentiel = models.ForeignKey(
        Referentiel, on_delete=models.PROTECT, related_name="promotions", verbose_name="référentiel"
    )
    option = models.ForeignKey(
        Option, on_delete=models.PROTECT, related_name="promotions", verbose_name="option"
    )
    grille = models.ForeignKey(
        Grille,
        on_delete=models.PROTECT,
        related_name="promotions",
        verbose_name="version de grille",
        help_text="L’échelle et les pondérations de cette promotion, et de personne d’autre.",
    )
    session = models.PositiveSmallIntegerField(
        "session d’examen",
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
        help_text="Année civile de l’examen, par exemple 2026.",
    )
    origine = models.CharField(**ORIGINE)

    objects = PromotionsDIci()
    toutes = PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = "promotion"
        ordering = ["-session", "nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "nom"],
                name="promotion_unique",
                violation_error_message="Une promotion porte déjà ce nom dans l’établissement.",
            )
        ]

    def __str__(self) -> str:
        return self.nom

    @property
    def comptent(self) -> tuple[int, datetime.date]:
        """La session, et le jour depuis lequel une situation certificative y compte d'office."""
        return self.session, self.comptent_a(self.session)

    def comptent_a(self, session: int) -> datetime.date:
        return annee.compte_depuis(self.referentiel.cycle, self.referentiel.regles, session)

    def clean(self) -> None:
        if self.option_id and self.referentiel_id and self.option.referentiel_id != self.referentiel_id:
            raise ValidationError({"option": "Cette option n’appartient pas au référentiel choisi."})
        if self.grille_id and self.referentiel_id and self.grille.referentiel_id != self.referentiel_id:
            raise ValidationError("Cette version de grille n’est pas celle du référentiel choisi.")
        if self.pk and self.option_id:
            self._refuser_autre_option()

    def _refuser_autre_option(self) -> None:
        """Le référentiel porte les niveaux, l'option les situations : on n'en change plus ensuite."""
        avant = Option.objects.filter(promotions=self.pk).first()
        if avant is None or avant.pk == self.option_id:
            return
        eleves, situations = self.eleves.count(), self.classes.filter(situations__isnull=False).count()
        planifiee = self.echelles.exists() or self.sequences.exists()
        if situations or planifiee or (eleves and avant.referentiel_id != self.referentiel_id):
            raise ValidationError(
                {"option": f"Cette promotion a déjà servi avec l’option {avant} : créez-en une autre."}
            )


class ClasseQuerySet(models.QuerySet["Classe"]):
    def for_user(self, user: Utilisateur, action: Action) -> ClasseQuerySet:
        """L'administrateur voit les classes de son établissement, l'enseignant celles dont il
        est dans l'équipe pédagogique."""
        return self.dans(*user.perimetre(action))

    def dans(
        self, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int | None
    ) -> ClasseQuerySet:
        siennes = Classe.equipe.through.objects.filter(utilisateur=personne).values("classe")
        return self.filter(Q(etablissement__in=entiers) | Q(etablissement__in=equipes, pk__in=siennes))


DeClasse = models.Manager.from_queryset(ClasseQuerySet)


class ClassesDIci(DeClasse):
    """Celles de l'établissement : celle d'où vient un élève transféré garde ses preuves, et ne paraît dans
    aucune liste ; `toutes` la rend."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(origine="")


class Classe(models.Model):
    etablissement = models.ForeignKey(
        Etablissement, on_delete=models.PROTECT, related_name="classes", db_index=False
    )
    annee = models.ForeignKey(
        AnneeScolaire, on_delete=models.PROTECT, related_name="classes", verbose_name="année scolaire"
    )
    nom = models.CharField("nom", max_length=40)
    niveau = models.CharField("année du cycle", max_length=20, help_text="Par exemple 2de, 1re, Tle.")
    promotion = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="classes", verbose_name="promotion"
    )
    equipe = models.ManyToManyField(
        Utilisateur, related_name="classes", blank=True, verbose_name="équipe pédagogique"
    )
    origine = models.CharField(**ORIGINE)

    objects = ClassesDIci()
    toutes = ClasseQuerySet.as_manager()

    class Meta:
        verbose_name = "classe"
        ordering = ["-annee__debut", "nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "annee", "nom"],
                name="classe_unique",
                violation_error_message="Une classe porte déjà ce nom cette année-là.",
            )
        ]

    def __str__(self) -> str:
        return self.nom

    def get_absolute_url(self) -> str:
        return adresse("livret:classe", self.pk)

    def clean(self) -> None:
        if self.promotion_id and self.promotion.etablissement_id != self.etablissement_id:
            raise ValidationError({"promotion": "Cette promotion n’est pas de l’établissement."})
        if self.promotion_id and self.niveau and self.niveau not in self.cycle.annees:
            attendues = ", ".join(self.cycle.annees)
            raise ValidationError(
                {"niveau": f"Le cycle de cette promotion compte ces années : {attendues}. Choisissez-en une."}
            )
        if self.pk and self.promotion_id and self._autre_referentiel():
            raise ValidationError(
                {"promotion": "La classe a servi sur une autre version du référentiel : créez-en une autre."}
            )

    @property
    def cycle(self) -> Cycle:
        return self.promotion.referentiel.cycle

    @property
    def mot_tuteur(self) -> MotTuteur:
        return self.promotion.referentiel.regles.mot_tuteur

    def _autre_referentiel(self) -> bool:
        """Elle en change, et des élèves ou des situations y sont déjà sous l'ancien."""
        ailleurs = self.scolarites.exclude(eleve__promotion__referentiel=self.promotion.referentiel_id)
        return (
            Classe.objects.filter(pk=self.pk)
            .exclude(promotion__referentiel=self.promotion.referentiel_id)
            .filter(Q(pk__in=ailleurs.values("classe")) | Q(situations__isnull=False))
            .exists()
        )
