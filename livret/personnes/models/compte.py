"""Les comptes, les établissements, et les rôles que l'on y tient."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from livret.personnes.identifiants import faute_uai
from trpm.base.couleurs import ACCENT
from trpm.base.preparees import Preparee
from trpm.dates import FUSEAUX
from trpm.permissions import DROITS, Action, Role

MAISON = ("fuseau", "nom", "couleur", "second_facteur")


class RoleTenu(NamedTuple):
    """Un rôle, et ce que le site montre de l'établissement où on le tient."""

    role: str
    etablissement: int
    fuseau: str
    nom: str
    couleur: str
    second_facteur: bool


class UtilisateurQuerySet(models.QuerySet["Utilisateur"]):
    def for_user(self, user: Utilisateur, action: Action) -> UtilisateurQuerySet:
        """Comptes qui tiennent un rôle, ou sont ceux d'élèves, dans ses établissements."""
        lieux = user.etablissements(action)
        return self.filter(
            Q(pk__in=Appartenance.objects.filter(etablissement__in=lieux).values("utilisateur"))
            | Q(eleve__etablissement__in=lieux)
            | Q(pk__in=self._responsables(Q(eleve__etablissement__in=lieux)))
        )

    def exclusifs(self, etablissements: Iterable[int]) -> UtilisateurQuerySet:
        """Ceux qui n'ont aucune attache ailleurs : les seuls dont on peut remettre le mot de passe."""
        ailleurs = Appartenance.objects.exclude(etablissement__in=etablissements)
        return self.filter(
            Q(eleve__isnull=True) | Q(eleve__etablissement__in=etablissements),
            is_staff=False,
            is_superuser=False,
            mandats__isnull=True,
        ).exclude(
            Q(pk__in=ailleurs.values("utilisateur"))
            | Q(pk__in=self._responsables(~Q(eleve__etablissement__in=etablissements)))
        )

    def _responsables(self, de: Q) -> models.QuerySet:
        """Les comptes des responsables légaux de ces élèves."""
        lien: Any = self.model._meta.get_field("enfants").related_model
        return lien.objects.filter(de).values("compte")


class UtilisateurManager(UserManager["Utilisateur"]):
    use_in_migrations = False

    def get_queryset(self) -> UtilisateurQuerySet:
        return UtilisateurQuerySet(self.model, using=self._db)

    def for_user(self, user: Utilisateur, action: Action) -> UtilisateurQuerySet:
        return self.get_queryset().for_user(user, action)


class Utilisateur(AbstractUser):
    """Compte d'une personne. Ses rôles se lisent dans `Appartenance` et dans sa fiche d'élève."""

    vu_le = models.DateTimeField("dernière visite aux nouveautés", null=True, blank=True, editable=False)
    avis = models.BooleanField("avis hebdomadaire par courriel", null=True, blank=True, editable=False)
    annuaire = models.CharField(
        "identifiant dans l’annuaire",
        max_length=150,
        blank=True,
        help_text="Celui que donne l’ENT ou le portail, si l’on s’y connecte\xa0; vide sinon.",
    )
    provisoire = models.BooleanField("mot de passe provisoire", default=False, editable=False)
    avis_le = models.DateField("dernier avis envoyé le", null=True, blank=True, editable=False)

    objects = UtilisateurManager()  # type: ignore[misc]

    class Meta(AbstractUser.Meta):
        verbose_name = "compte"
        constraints = [
            models.UniqueConstraint(
                fields=["annuaire"],
                condition=~Q(annuaire=""),
                name="annuaire_unique",
                violation_error_message="Un autre compte porte déjà cet identifiant d’annuaire.",
            )
        ]

    @cached_property
    def etablissements_par_role(self) -> dict[str, frozenset[int]]:
        """Établissements où chaque rôle est tenu, lus en une requête."""
        return {
            role: frozenset(etablissement for autre, etablissement, *_ in self._tenus if autre == role)
            for role in {role for role, *_ in self._tenus}
        }

    @cached_property
    def _tenus(self) -> list[RoleTenu]:
        return [RoleTenu(*tenu) for tenu in _roles_tenus(self.pk)] if self.pk else []

    @property
    def vu_par_les_pages(self) -> tuple[object, ...]:
        """Tout ce qu'une page sait de la personne : qui, son nom, ses rôles et leurs établissements."""
        return self.pk, self.nom_complet, tuple(sorted(map(tuple, self._tenus)))

    @property
    def maison(self) -> RoleTenu | None:
        """Son établissement, tel que le montrent le site et l'heure ; le premier, s'il en a plusieurs."""
        return min(self._tenus, key=lambda tenu: tenu.etablissement, default=None)

    @property
    def couleur(self) -> str:
        """Celle de son établissement, sans le dièse ; vide si c'est celle du produit."""
        couleur = self.maison.couleur if self.maison else ACCENT
        return "" if couleur == ACCENT else couleur[1:]

    @property
    def fuseau(self) -> str:
        """L'heure de son établissement ; du premier, s'il en a plusieurs. Aucune requête de plus."""
        return self.maison.fuseau if self.maison else settings.TIME_ZONE

    @property
    def second_facteur_exige(self) -> bool:
        """Administrateur ou président là où l'établissement le demande. Aucune requête de plus."""
        exigeants = (Role.ADMINISTRATEUR, Role.PRESIDENT)
        return any(tenu.second_facteur and tenu.role in exigeants for tenu in self._tenus)

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
        return Perimetre(tuple(sorted(entiers)), tuple(sorted(equipes)), self.pk if equipes else None)

    def set_password(self, raw_password: str | None) -> None:
        """Choisi par la personne, il n'est plus provisoire ; qui le remet le dit ensuite."""
        super().set_password(raw_password)
        self.provisoire = False

    def portee(self, action: Action) -> Portee:
        """De quoi retrouver les élèves qu'il lit sans relire ses rôles."""
        entiers, equipes, _ = self.perimetre(action)
        lui, preside, membre = (
            tuple(sorted(self.etablissements(action, role)))
            for role in (Role.ELEVE, Role.PRESIDENT, Role.MEMBRE)
        )
        personne = self.pk if equipes or lui or membre else None
        return Portee(entiers, equipes, lui, preside, membre, personne)

    @property
    def nom_complet(self) -> str:
        return self.get_full_name() or self.username

    @property
    def recoit_les_avis(self) -> bool:
        """Ce qu'il a choisi ; à défaut, oui, sauf pour qui n'est qu'élève ou responsable."""
        return bool(self.roles - {Role.ELEVE, Role.RESPONSABLE}) if self.avis is None else self.avis


def valide_uai(uai: str) -> None:
    if faute := faute_uai(uai):
        raise ValidationError(faute)


def valide_mois_jour(texte: str) -> None:
    """« 02-01 » : un jour de décembre à mars, où commence un second semestre."""
    try:
        jour = datetime.date.fromisoformat(f"2001-{texte}")
    except ValueError:
        raise ValidationError("Ce jour n’existe pas : écrivez par exemple 01/02.") from None
    if jour.month not in (12, 1, 2, 3):
        raise ValidationError("Le second semestre commence entre le 1er décembre et le 31 mars.")


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
    familles = models.BooleanField(
        "ouvrir aux responsables légaux",
        default=False,
        help_text="Invités, ils lisent de leur enfant seul ce qui est publié, et les bilans validés.",
    )
    noms_a_l_inspection = models.BooleanField(
        "montrer à l’inspecteur le nom des candidats",
        default=False,
        help_text="Sinon il ne lit que les situations retenues et des nombres.",
    )

    second_facteur = models.BooleanField(
        "exiger un second facteur",
        default=False,
        help_text="Des administrateurs et des présidents de commission, à la connexion\xa0: le code d’une "
        "application, ou une clé d’accès.",
    )
    debut_du_second = models.CharField(
        "début du second semestre", max_length=5, default="02-01", validators=[valide_mois_jour]
    )
    fuseau = models.CharField(
        "heure locale",
        max_length=40,
        choices=FUSEAUX,
        default=FUSEAUX[0][0],
        help_text="Celle des pages, des courriels et des documents.",
    )

    couleur = models.CharField(
        "couleur",
        max_length=7,
        default=ACCENT,
        validators=[RegexValidator(r"^#[0-9a-f]{6}\Z", "Écrivez une couleur comme #1b4b82.")],
        help_text="Celle des liens et des boutons\xa0; elle s’assombrit ou s’éclaircit d’elle-même pour "
        "rester lisible.",
    )
    photos_d_eleves = models.BooleanField(
        "montrer la photo des élèves",
        default=False,
        help_text="À l’équipe, sur la page de la classe, la grille et le livret. Décocher efface toutes "
        "les photos.",
    )

    objects = EtablissementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "établissement"
        ordering = ["nom"]

    def __str__(self) -> str:
        return self.nom

    @property
    def second_semestre(self) -> tuple[int, int]:
        """Mois et jour où commence le second semestre."""
        mois, jour = map(int, self.debut_du_second.split("-"))
        return mois, jour


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
    utilisateur = models.ForeignKey(
        Utilisateur, on_delete=models.CASCADE, related_name="appartenances", db_index=False
    )
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


class Perimetre(NamedTuple):
    """Les établissements vus en entier, ceux où l'on ne voit que ses classes, et qui l'on y est."""

    entiers: tuple[int, ...]
    equipes: tuple[int, ...]
    personne: int | None


class Portee(NamedTuple):
    """Les établissements vus en entier, ceux où l'on ne voit que ses élèves, ceux où l'on n'est que soi, ceux
    dont on préside les commissions, ceux où l'on en est membre, et qui l'on y est."""

    entiers: tuple[int, ...]
    equipes: tuple[int, ...]
    lui: tuple[int, ...]
    preside: tuple[int, ...]
    membre: tuple[int, ...]
    personne: int | None


@Preparee
def _roles_tenus(personne: int) -> models.QuerySet[Appartenance, tuple[str, int, str, str, str, bool]]:
    """Rôle, établissement et ce que l'on en lit : appartenances, fiche d'élève, mandats d'inspection."""
    tenus = Appartenance.objects.filter(utilisateur=personne).values_list(
        "role", "etablissement_id", *(f"etablissement__{champ}" for champ in MAISON)
    )
    lui = Utilisateur.objects.filter(pk=personne, eleve__actif=True).order_by()
    academies = Utilisateur.objects.filter(pk=personne, mandats__isnull=False).values("mandats__academie")
    inspectes = Etablissement.objects.filter(academie__in=academies).order_by()
    lien: Any = Utilisateur._meta.get_field("enfants").related_model
    enfants = lien.objects.filter(compte=personne, eleve__actif=True, eleve__etablissement__familles=True)
    return tenus.union(
        lui.annotate(role=models.Value(Role.ELEVE.value)).values_list(
            "role", "eleve__etablissement_id", *(f"eleve__etablissement__{champ}" for champ in MAISON)
        ),
        inspectes.annotate(role=models.Value(Role.INSPECTEUR.value)).values_list("role", "pk", *MAISON),
        enfants.order_by()
        .annotate(role=models.Value(Role.RESPONSABLE.value))
        .values_list(
            "role", "eleve__etablissement_id", *(f"eleve__etablissement__{champ}" for champ in MAISON)
        ),
    )
