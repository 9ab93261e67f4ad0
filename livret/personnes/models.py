"""Les personnes et leurs lieux : établissement, années, promotions, classes, élèves, rôles."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret import annee
from livret.personnes.candidats import candidats_devant
from livret.personnes.identifiants import faute_uai, ine_normalise, plie
from livret.personnes.recherche import trouves
from referentiel.models import Option, Referentiel, Statut
from trpm.permissions import DROITS, Action, Role
from trpm.preparees import Preparee
from trpm.textes import pluriel


class UtilisateurQuerySet(models.QuerySet["Utilisateur"]):
    def for_user(self, user: Utilisateur, action: Action) -> UtilisateurQuerySet:
        """Comptes qui tiennent un rôle, ou sont ceux d'élèves, dans ses établissements."""
        lieux = user.etablissements(action)
        return self.filter(
            Q(pk__in=Appartenance.objects.filter(etablissement__in=lieux).values("utilisateur"))
            | Q(eleve__etablissement__in=lieux)
        )

    def exclusifs(self, etablissements: Iterable[int]) -> UtilisateurQuerySet:
        """Ceux qui n'ont aucune attache ailleurs : les seuls dont on peut remettre le mot de passe."""
        ailleurs = Appartenance.objects.exclude(etablissement__in=etablissements)
        return self.filter(
            Q(eleve__isnull=True) | Q(eleve__etablissement__in=etablissements),
            is_staff=False,
            is_superuser=False,
            mandats__isnull=True,
        ).exclude(pk__in=ailleurs.values("utilisateur"))


class UtilisateurManager(UserManager["Utilisateur"]):
    use_in_migrations = False

    def get_queryset(self) -> UtilisateurQuerySet:
        return UtilisateurQuerySet(self.model, using=self._db)

    def for_user(self, user: Utilisateur, action: Action) -> UtilisateurQuerySet:
        return self.get_queryset().for_user(user, action)


class Utilisateur(AbstractUser):
    """Compte d'une personne. Ses rôles se lisent dans `Appartenance` et dans sa fiche d'élève."""

    objects = UtilisateurManager()  # type: ignore[misc]

    class Meta(AbstractUser.Meta):
        verbose_name = "compte"

    @cached_property
    def etablissements_par_role(self) -> dict[str, frozenset[int]]:
        """Établissements où chaque rôle est tenu, lus en une requête."""
        paires = _roles_tenus(self.pk) if self.pk else []
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

    def siege(self, action: Action) -> bool:
        """Membre ou président d'une commission à qui l'action est accordée. Aucune requête de plus."""
        return bool(self.etablissements(action, Role.MEMBRE, Role.PRESIDENT))

    def perimetre(self, action: Action) -> Perimetre:
        """De quoi retrouver ses classes sans relire ses rôles."""
        entiers = self.etablissements(action, Role.ADMINISTRATEUR)
        equipes = self.etablissements(action, Role.ENSEIGNANT)
        return Perimetre(tuple(sorted(entiers)), tuple(sorted(equipes)), self.pk)

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
    uai = models.CharField(
        "UAI",
        max_length=8,
        unique=True,
        validators=[valide_uai],
        help_text="Sept chiffres et une lettre, par exemple 0400740M.",
        error_messages={"unique": "Un autre établissement porte déjà cet UAI."},
    )
    nom = models.CharField("nom", max_length=200)
    adresse = models.TextField("adresse", blank=True)
    ville = models.CharField("ville", max_length=100, blank=True)
    academie = models.CharField("académie", max_length=100, blank=True)
    noms_a_l_inspection = models.BooleanField(
        "montrer à l’inspecteur le nom des candidats",
        default=False,
        help_text="Sinon il ne lit que les situations retenues et des nombres.",
    )

    objects = EtablissementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "établissement"
        ordering = ["nom"]

    def __str__(self) -> str:
        return self.nom


class AppartenanceQuerySet(models.QuerySet["Appartenance"]):
    def for_user(self, user: Utilisateur, action: Action) -> AppartenanceQuerySet:
        return self.filter(etablissement__in=user.etablissements(action))


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

    objects = AppartenanceQuerySet.as_manager()
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
        return f"{self.utilisateur} : {self.get_role_display()}"


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

    def jour_proche(self, jour: datetime.date) -> datetime.date:
        """Ce jour, ramené dans l'année scolaire."""
        return annee.ramene(jour, self.premier_jour, self.dernier_jour)


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def for_user(self, user: Utilisateur, action: Action) -> PromotionQuerySet:
        return self.filter(etablissement__in=user.etablissements(action))

    def suivies(self, user: Utilisateur, action: Action) -> PromotionQuerySet:
        """Celles dont il suit une classe : toutes pour l'administrateur, les siennes pour l'enseignant ;
        pour une commission, celles de ses candidats."""
        entiers = user.etablissements(action, Role.ADMINISTRATEUR)
        suivies = Q(pk__in=Classe.objects.for_user(user, action).values("promotion"))
        if user.siege(action):
            suivies |= Q(pk__in=Eleve.objects.devant(user, action).order_by().values("promotion"))
        return self.filter(Q(etablissement__in=entiers) | suivies)


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


class Perimetre(NamedTuple):
    """Les établissements vus en entier, ceux où l'on ne voit que ses classes, et qui l'on est."""

    entiers: tuple[int, ...]
    equipes: tuple[int, ...]
    personne: int


class ClasseQuerySet(models.QuerySet["Classe"]):
    def for_user(self, user: Utilisateur, action: Action) -> ClasseQuerySet:
        """L'administrateur voit les classes de son établissement, l'enseignant celles dont il
        est dans l'équipe pédagogique."""
        return self.dans(*user.perimetre(action))

    def dans(self, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int) -> ClasseQuerySet:
        siennes = Classe.equipe.through.objects.filter(utilisateur=personne).values("classe")
        return self.filter(Q(etablissement__in=entiers) | Q(etablissement__in=equipes, pk__in=siennes))


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

    def clean(self) -> None:
        if self.promotion_id and self.promotion.etablissement_id != self.etablissement_id:
            raise ValidationError({"promotion": "Cette promotion n’est pas de l’établissement."})
        if self.pk and self.promotion_id and self._autre_referentiel():
            raise ValidationError(
                {"promotion": "La classe a servi sur une autre version du référentiel : créez-en une autre."}
            )

    def _autre_referentiel(self) -> bool:
        return (
            self.scolarites.exclude(eleve__promotion__referentiel=self.promotion.referentiel_id).exists()
            or Classe.objects.filter(pk=self.pk, situations__isnull=False)
            .exclude(promotion__referentiel=self.promotion.referentiel_id)
            .exists()
        )


class EleveQuerySet(models.QuerySet["Eleve"]):
    def for_user(self, user: Utilisateur, action: Action) -> EleveQuerySet:
        """L'élève ne voit que lui ; l'enseignant, les élèves de ses classes ; l'administrateur, ceux de
        son établissement ; une commission, ses candidats."""
        entiers = user.etablissements(action, Role.ADMINISTRATEUR)
        equipes = user.etablissements(action, Role.ENSEIGNANT)
        lui = user.etablissements(action, Role.ELEVE)
        suivis = Scolarite.objects.filter(classe__equipe=user, classe__etablissement__in=equipes)
        return self.filter(
            Q(etablissement__in=entiers)
            | Q(etablissement__in=equipes, pk__in=suivis.values("eleve"))
            | Q(etablissement__in=lui, utilisateur=user)
            | Q(pk__in=Eleve.objects.devant(user, action).values("pk"))
        )

    def devant(self, user: Utilisateur, action: Action) -> EleveQuerySet:
        """Les candidats des commissions où il siège ; hors commission, personne, sans requête."""
        if not user.siege(action):
            return self.none()
        return self.filter(pk__in=candidats_devant(Eleve.objects.all(), user, action).values("pk"))

    def presents(self, classe: Classe) -> EleveQuerySet:
        """Ceux qui sont dans cette classe et ne l'ont pas quittée."""
        return self.filter(scolarites__classe=classe, scolarites__sortie__isnull=True)

    def cherche(self, texte: str) -> EleveQuerySet:
        """Ceux dont le nom, le prénom ou l'INE contient chaque mot, sans égard aux accents."""
        if not plie(texte):
            return self
        return self.filter(pk__in=trouves(texte, self.order_by().values_list("pk", "nom", "prenom", "ine")))

    def observations_par_option(self) -> dict[int, dict[int, int]]:
        """Par élève puis par option, observations de compétences détaillées propres à cette option."""
        comptes: dict[int, dict[int, int]] = {}
        lignes = (
            self.filter(observations__detaillee__option__isnull=False)
            .order_by()
            .values_list("pk", "observations__detaillee__option")
            .annotate(models.Count("observations"))
        )
        for eleve, option, nombre in lignes:
            comptes.setdefault(eleve, {})[option] = nombre
        return comptes

    def figes(self) -> EleveQuerySet:
        """Ceux dont un dossier de certification est figé."""
        return self.filter(
            dossiers__versions__isnull=False, dossiers__versions__rouverte_le__isnull=True
        ).distinct()


def refus_option(nouvelle: Option, observations: dict[int, int]) -> str:
    """Pourquoi un élève ne peut pas passer dans cette option, ou chaîne vide (Q14).

    Ses observations sur des compétences détaillées propres à l'autre option n'auraient plus de sens.
    """
    nombre = sum(compte for option, compte in observations.items() if option != nouvelle.pk)
    if not nombre:
        return ""
    return (
        f"Passage en {nouvelle} refusé : {nombre} observation{pluriel(nombre)} porte{pluriel(nombre, 'nt')} "
        "sur des compétences détaillées propres à l’autre option."
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
        if self.pk and self.option_id:
            observations = (
                Eleve.objects.filter(pk=self.pk).exclude(option=self.option).observations_par_option()
            )
            if refus := refus_option(self.option, observations.get(self.pk, {})):
                raise ValidationError({"option": refus})
        if avant := Eleve.objects.filter(pk=self.pk).figes().select_related("option", "statut").first():
            for champ in ("option", "statut"):
                if getattr(avant, f"{champ}_id") != getattr(self, f"{champ}_id"):
                    raise ValidationError({champ: avant.refus_fige(champ)})

    def refus_fige(self, champ: str) -> str:
        """Un dossier figé porte l'option et le statut du candidat : ils attendent sa réouverture (Q14)."""
        etat = f"figé avec « {getattr(self, champ)} »"
        return f"Un dossier de {self} est {etat} : le président doit d’abord le rouvrir."

    def get_absolute_url(self) -> str:
        return reverse("livret:eleve", args=[self.pk])

    @property
    def nom_complet(self) -> str:
        return f"{self.prenom} {self.nom}"


class ScolariteQuerySet(models.QuerySet["Scolarite"]):
    def for_user(self, user: Utilisateur, action: Action) -> ScolariteQuerySet:
        return self.filter(classe__in=Classe.objects.for_user(user, action))

    def ouvertes(self) -> ScolariteQuerySet:
        return self.filter(sortie__isnull=True)


class Scolarite(models.Model):
    """Passage d'un élève dans une classe. Une sortie se date, elle ne s'efface pas."""

    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="scolarites")
    classe = models.ForeignKey(Classe, on_delete=models.PROTECT, related_name="scolarites")
    sortie = models.DateField("sorti le", null=True, blank=True)

    objects = ScolariteQuerySet.as_manager()
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

    def clean(self) -> None:
        if self.classe_id and self.eleve_id and self.classe.etablissement_id != self.eleve.etablissement_id:
            raise ValidationError("L’élève et la classe ne sont pas du même établissement.")
        if self.sortie and self.classe_id:
            self.classe.annee.exiger(self.sortie)

    def saisies(self) -> int:
        """Ce que l’élève porte dans les situations de cette classe, et ses bilans."""
        return self.eleve.bilans.filter(classe=self.classe_id).count() + sum(
            liees.filter(situation__classe=self.classe_id).count()
            for liees in (
                self.eleve.evaluations,
                self.eleve.observations,
                self.eleve.fiches,
                self.eleve.remarques,
                self.eleve.traces,
            )
        )

    def sortir(self, le: datetime.date) -> None:
        """Date la sortie ; l'élève que plus aucune classe n'attend a quitté l'établissement."""
        self.sortie = le
        self.full_clean()
        self.save()
        suite = self.eleve.scolarites.ouvertes().filter(classe__annee__debut__gte=self.classe.annee.debut)
        self.eleve.actif = suite.exists()
        self.eleve.save()

    def revenir(self) -> None:
        self.sortie = None
        self.save()
        self.eleve.actif = True
        self.eleve.save()


@Preparee
def _roles_tenus(personne: int) -> models.QuerySet[Appartenance, tuple[str, int]]:
    """Rôle et établissement, de chaque appartenance, de la fiche d'élève et des mandats d'inspection."""
    tenus = Appartenance.objects.filter(utilisateur=personne).values_list("role", "etablissement_id")
    eleve = Eleve.objects.filter(utilisateur=personne, actif=True).order_by()
    academies = Utilisateur.objects.filter(pk=personne, mandats__isnull=False).values("mandats__academie")
    inspectes = Etablissement.objects.filter(academie__in=academies).order_by()
    return tenus.union(
        eleve.annotate(role=models.Value(Role.ELEVE.value)).values_list("role", "etablissement_id"),
        inspectes.annotate(role=models.Value(Role.INSPECTEUR.value)).values_list("role", "pk"),
    )
