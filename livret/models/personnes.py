"""Les personnes et leurs lieux : établissement, années, promotions, classes, élèves, rôles."""

from __future__ import annotations

import datetime
from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.identifiants import faute_uai, ine_normalise
from referentiel.models import Option, Referentiel, Statut
from trpm.permissions import DROITS, Action, Role


class Utilisateur(AbstractUser):
    """Compte d'une personne. Ses rôles se lisent dans `Appartenance` et dans sa fiche d'élève."""

    class Meta(AbstractUser.Meta):
        verbose_name = "compte"

    @cached_property
    def etablissements_par_role(self) -> dict[str, frozenset[int]]:
        """Établissements où chaque rôle est tenu, lus en une requête."""
        paires = list(
            Appartenance.objects.filter(utilisateur=self)
            .values_list("role", "etablissement_id")
            .union(
                Eleve.objects.filter(utilisateur=self, actif=True)
                .annotate(role=models.Value(Role.ELEVE.value))
                .order_by()
                .values_list("role", "etablissement_id")
            )
        )
        return {
            role: frozenset(etablissement for autre, etablissement in paires if autre == role)
            for role in {role for role, _ in paires}
        }

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.etablissements_par_role)

    def etablissements(self, action: Action, *roles: Role) -> frozenset[int]:
        """Établissements où l'un de ces rôles (tous par défaut) accorde l'action."""
        accordent = DROITS[action] & frozenset(roles or Role)
        return frozenset().union(*(self.etablissements_par_role.get(role, ()) for role in accordent))

    @property
    def nom_complet(self) -> str:
        return self.get_full_name() or self.username


def valide_uai(uai: str) -> None:
    if faute := faute_uai(uai):
        raise ValidationError(faute)


class EtablissementQuerySet(models.QuerySet["Etablissement"]):
    def for_user(self, user: Utilisateur, action: Action) -> EtablissementQuerySet:
        return self.filter(pk__in=user.etablissements(action))


class Etablissement(models.Model):
    uai = models.CharField("UAI", max_length=8, unique=True, validators=[valide_uai])
    nom = models.CharField("nom", max_length=200)
    adresse = models.TextField("adresse", blank=True)
    ville = models.CharField("ville", max_length=100, blank=True)
    academie = models.CharField("académie", max_length=100, blank=True)

    objects = EtablissementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "établissement"
        ordering = ["nom"]

    def __str__(self) -> str:
        return self.nom


class Appartenance(models.Model):
    """Un rôle tenu par une personne dans un établissement ; les rôles se cumulent."""

    ROLES = [
        (Role.ADMINISTRATEUR.value, "administrateur"),
        (Role.ENSEIGNANT.value, "enseignant"),
        (Role.MEMBRE.value, "membre de commission"),
        (Role.PRESIDENT.value, "président de commission, chef de centre"),
    ]
    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="appartenances")
    etablissement = models.ForeignKey(
        Etablissement, on_delete=models.CASCADE, related_name="appartenances", verbose_name="établissement"
    )
    role = models.CharField("rôle", max_length=20, choices=ROLES)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "rôle dans un établissement"
        verbose_name_plural = "rôles dans un établissement"
        constraints = [
            models.UniqueConstraint(
                fields=["utilisateur", "etablissement", "role"],
                name="appartenance_unique",
                violation_error_message="Cette personne tient déjà ce rôle dans l’établissement.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.utilisateur} : {self.get_role_display()}"


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

    @classmethod
    def du(cls, jour: datetime.date) -> int:
        """Année de rentrée d'un jour : l'année scolaire commence au 1er août."""
        return jour.year if jour.month >= 8 else jour.year - 1


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def for_user(self, user: Utilisateur, action: Action) -> PromotionQuerySet:
        return self.filter(etablissement__in=user.etablissements(action))


class Promotion(models.Model):
    """Élèves qui préparent ensemble une session d'examen, sur une version du référentiel."""

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="promotions")
    nom = models.CharField("nom", max_length=80)
    referentiel = models.ForeignKey(
        Referentiel, on_delete=models.PROTECT, related_name="promotions", verbose_name="référentiel"
    )
    option = models.ForeignKey(
        Option, on_delete=models.PROTECT, related_name="promotions", verbose_name="option"
    )
    session = models.PositiveSmallIntegerField(
        "session d’examen",
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
        help_text="Année civile de l’examen, par exemple 2026.",
    )

    objects = PromotionQuerySet.as_manager()

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

    def clean(self) -> None:
        if self.option_id and self.referentiel_id and self.option.referentiel_id != self.referentiel_id:
            raise ValidationError({"option": "Cette option n’appartient pas au référentiel choisi."})


class ClasseQuerySet(models.QuerySet["Classe"]):
    def for_user(self, user: Utilisateur, action: Action) -> ClasseQuerySet:
        """L'administrateur voit les classes de son établissement, l'enseignant celles dont il
        est dans l'équipe pédagogique."""
        entiers = user.etablissements(action, Role.ADMINISTRATEUR)
        equipes = user.etablissements(action, Role.ENSEIGNANT)
        return self.filter(
            Q(etablissement__in=entiers) | Q(etablissement__in=equipes, pk__in=user.classes.values("pk"))
        )


class Classe(models.Model):
    class Niveau(models.TextChoices):
        SECONDE = "2de", "2de"
        PREMIERE = "1re", "1re"
        TERMINALE = "Tle", "Tle"

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="classes")
    annee = models.ForeignKey(
        AnneeScolaire, on_delete=models.PROTECT, related_name="classes", verbose_name="année scolaire"
    )
    nom = models.CharField("nom", max_length=40)
    niveau = models.CharField("niveau", max_length=3, choices=Niveau)
    promotion = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="classes", verbose_name="promotion"
    )
    equipe = models.ManyToManyField(
        Utilisateur, related_name="classes", blank=True, verbose_name="équipe pédagogique"
    )

    objects = ClasseQuerySet.as_manager()

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
        return reverse("livret:classe", args=[self.pk])


class EleveQuerySet(models.QuerySet["Eleve"]):
    def for_user(self, user: Utilisateur, action: Action) -> EleveQuerySet:
        """L'élève ne voit que lui ; l'enseignant, les élèves de ses classes ;
        l'administrateur, ceux de son établissement."""
        entiers = user.etablissements(action, Role.ADMINISTRATEUR)
        equipes = user.etablissements(action, Role.ENSEIGNANT)
        lui = user.etablissements(action, Role.ELEVE)
        suivis = Scolarite.objects.filter(classe__equipe=user, classe__etablissement__in=equipes)
        return self.filter(
            Q(etablissement__in=entiers)
            | Q(etablissement__in=equipes, pk__in=suivis.values("eleve"))
            | Q(etablissement__in=lui, utilisateur=user)
        )


class Eleve(models.Model):
    """Élève, apprenti ou stagiaire : la personne dont on tient le livret."""

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="eleves")
    promotion = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="eleves", verbose_name="promotion"
    )
    nom = models.CharField("nom", max_length=100)
    prenom = models.CharField("prénom", max_length=100)
    naissance = models.DateField("date de naissance", null=True, blank=True)
    ine = models.CharField("INE", max_length=11, null=True, blank=True)  # noqa: DJ001 : unique quand il existe
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="eleves", verbose_name="option")
    statut = models.ForeignKey(
        Statut, on_delete=models.PROTECT, related_name="eleves", verbose_name="statut du candidat"
    )
    numero_candidat = models.CharField("numéro de candidat", max_length=20, blank=True)
    utilisateur = models.OneToOneField(
        Utilisateur,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="eleve",
        verbose_name="compte",
    )
    actif = models.BooleanField("présent dans l’établissement", default=True)

    objects = EleveQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "élève"
        ordering = ["nom", "prenom", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "ine"],
                name="eleve_ine_unique",
                violation_error_message="Un autre élève de l’établissement porte déjà cet INE.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.nom} {self.prenom}"

    def clean(self) -> None:
        self.ine = ine_normalise(self.ine or "") or None
        if not self.promotion_id:
            return
        for champ in ("option", "statut"):
            cible = getattr(self, f"{champ}_id") and getattr(self, champ)
            if cible and cible.referentiel_id != self.promotion.referentiel_id:
                raise ValidationError({champ: "Ce choix n’appartient pas au référentiel de la promotion."})

    def get_absolute_url(self) -> str:
        return reverse("livret:eleve", args=[self.pk])


class Scolarite(models.Model):
    """Passage d'un élève dans une classe. Une sortie se date, elle ne s'efface pas."""

    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="scolarites")
    classe = models.ForeignKey(Classe, on_delete=models.PROTECT, related_name="scolarites")
    sortie = models.DateField("sorti le", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "scolarité"
        constraints = [
            models.UniqueConstraint(
                fields=["eleve", "classe"],
                name="scolarite_unique",
                violation_error_message="Cet élève est déjà dans la classe.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.eleve} en {self.classe}"
