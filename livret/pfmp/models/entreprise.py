"""Le carnet d'adresses d'un établissement : les entreprises et leurs tuteurs."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.personnes.identifiants import faute_siret, plie, siret_normalise
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.recherche import trouves
from referentiel.models import Referentiel
from referentiel.reglement.tuteur import MotTuteur
from trpm.permissions import Action, Role


def valide_siret(siret: str) -> None:
    if faute := faute_siret(siret):
        raise ValidationError(faute)


valide_telephone = RegexValidator(
    r"^\+?[0-9 .()\-]{6,25}$",
    "Ce numéro est illisible : des chiffres et des espaces, par exemple 04 70 12 34 56.",
)


def telephone() -> models.CharField:
    return models.CharField("téléphone", max_length=25, blank=True, validators=[valide_telephone])


def etablissements_suivis(user: Utilisateur, action: Action) -> models.QuerySet[Etablissement]:
    """Ceux que la personne administre, et ceux où elle est dans l'équipe d'une classe : leur carnet
    porte les coordonnées de personnes."""
    classes = Classe.objects.for_user(user, action)
    return Etablissement.objects.filter(
        Q(pk__in=user.etablissements(action, Role.ADMINISTRATEUR)) | Q(pk__in=classes.values("etablissement"))
    )


def mot_du_carnet(lieux: models.QuerySet[Etablissement] | list[Etablissement]) -> MotTuteur:
    """Le carnet sert à tous les diplômes de ces établissements : leurs mots, chacun une fois. Une requête."""
    prepares = Promotion.objects.filter(etablissement__in=lieux).values("referentiel")
    diplomes = Referentiel.objects.filter(pk__in=prepares).order_by("pk").only("commission")
    return MotTuteur.de_plusieurs(un.regles.tuteur for un in diplomes)


class EntrepriseQuerySet(models.QuerySet["Entreprise"]):
    def for_user(self, user: Utilisateur, action: Action) -> EntrepriseQuerySet:
        return self.filter(etablissement__in=etablissements_suivis(user, action))

    def cherche(self, texte: str) -> EntrepriseQuerySet:
        """Celles dont le nom, la ville, le secteur, le SIRET ou un tuteur contient chaque mot."""
        if not plie(texte):
            return self
        siret = siret_normalise(texte)
        champs = ("pk", "nom", "ville", "secteur", "siret", "tuteurs__nom")
        fiches = self.order_by().values_list(*champs)
        return self.filter(pk__in=trouves(siret if siret.isdecimal() else texte, fiches))


class Entreprise(models.Model):
    """Entreprise d'accueil, dans le carnet d'un établissement."""

    etablissement = models.ForeignKey(
        Etablissement, on_delete=models.PROTECT, related_name="entreprises", db_index=False
    )
    siret = models.CharField(  # noqa: DJ001 : unique quand il existe
        "SIRET",
        max_length=14,
        null=True,
        blank=True,
        validators=[valide_siret],
        help_text="Quatorze chiffres, facultatif ; il évite d’inscrire deux fois la même entreprise.",
    )
    nom = models.CharField("nom", max_length=150)
    adresse = models.CharField("adresse", max_length=200, blank=True)
    code_postal = models.CharField("code postal", max_length=10, blank=True)
    ville = models.CharField("ville", max_length=100, blank=True)
    telephone = telephone()
    secteur = models.CharField(
        "secteur", max_length=100, blank=True, help_text="Par exemple : décolletage, moulage, emboutissage."
    )

    objects = EntrepriseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "entreprise"
        ordering = ["nom", "ville", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "siret"],
                name="entreprise_siret_unique",
                violation_error_message="Une entreprise de l’établissement porte déjà ce SIRET.",
            ),
            models.CheckConstraint(
                condition=Q(siret__isnull=True) | Q(siret__regex=r"^[0-9]{14}$"),
                name="entreprise_siret_14_chiffres",
                violation_error_message="Un SIRET a quatorze chiffres.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nom} ({self.ville})" if self.ville else self.nom

    def clean(self) -> None:
        self.siret = self.siret or None

    def get_absolute_url(self) -> str:
        return reverse("livret:entreprise", args=[self.pk])


class TuteurQuerySet(models.QuerySet["Tuteur"]):
    def for_user(self, user: Utilisateur, action: Action) -> TuteurQuerySet:
        return self.filter(entreprise__etablissement__in=etablissements_suivis(user, action))


class Tuteur(models.Model):
    """Tuteur en entreprise : il n'a pas de compte. Ses coordonnées ne se montrent ni à l'élève ni
    sur un document remis à d'autres."""

    entreprise = models.ForeignKey(
        Entreprise, on_delete=models.PROTECT, related_name="tuteurs", db_index=False
    )
    nom = models.CharField("nom et prénom", max_length=150)
    fonction = models.CharField("fonction", max_length=100, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    telephone = telephone()

    objects = TuteurQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "tuteur"
        ordering = ["nom", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entreprise", "nom"],
                name="tuteur_unique",
                violation_error_message="Cette personne est déjà inscrite dans cette entreprise.",
            )
        ]

    def __str__(self) -> str:
        return self.nom
