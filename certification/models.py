"""La commission de certification : ce qu'elle décide, et ce qu'elle fige.

Tant qu'un dossier est ouvert, tout se recalcule depuis le livret. Figé, il se lit dans sa
`VersionFigee`, que plus rien ne modifie.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.models import Eleve, Etablissement, Utilisateur
from referentiel.models import Competence, Epreuve, Grille, Niveau
from trpm.permissions import Action, Role


class CommissionQuerySet(models.QuerySet["Commission"]):
    def for_user(self, user: Utilisateur, action: Action) -> CommissionQuerySet:
        """L'administrateur et le président voient celles de l'établissement, un membre les siennes."""
        entiers = user.etablissements(action, Role.ADMINISTRATEUR, Role.PRESIDENT)
        siennes = user.etablissements(action, Role.MEMBRE)
        return self.filter(
            Q(etablissement__in=entiers)
            | Q(etablissement__in=siennes, pk__in=Membre.objects.filter(utilisateur=user).values("commission"))
        )


class Commission(models.Model):
    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="commissions")
    session = models.PositiveSmallIntegerField(
        "session", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    epreuve = models.ForeignKey(
        Epreuve, on_delete=models.PROTECT, related_name="commissions", verbose_name="épreuve"
    )
    grille = models.ForeignKey(
        Grille, on_delete=models.PROTECT, related_name="commissions", verbose_name="version de grille"
    )
    intitule = models.CharField("intitulé", max_length=150)
    date = models.DateField("date")
    lieu = models.CharField("lieu", max_length=150, blank=True)

    objects = CommissionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "commission de certification"
        verbose_name_plural = "commissions de certification"
        ordering = ["-session", "epreuve__ordre", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "session", "epreuve", "intitule"],
                name="commission_unique",
                violation_error_message="Cette commission existe déjà pour cette session et cette épreuve.",
            )
        ]

    def __str__(self) -> str:
        return self.intitule

    def clean(self) -> None:
        if self.epreuve_id and self.grille_id and self.epreuve.referentiel_id != self.grille.referentiel_id:
            raise ValidationError({"grille": "Cette grille n’est pas celle du référentiel de l’épreuve."})

    def get_absolute_url(self) -> str:
        return reverse("certification:commission", args=[self.pk])


class Membre(models.Model):
    """Membre de la commission, avec ou sans compte (DOMAINE.md, section 5 ; Q28)."""

    class Qualite(models.TextChoices):
        ENSEIGNANT = "enseignant", "enseignant du domaine professionnel"
        CONSTRUCTION = "construction", "enseignant de génie mécanique construction"
        PROFESSIONNEL = "professionnel", "représentant du monde professionnel"
        PRESIDENT = "president", "chef de centre ou son représentant"

    commission = models.ForeignKey(Commission, on_delete=models.CASCADE, related_name="membres")
    utilisateur = models.ForeignKey(
        Utilisateur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commissions",
        verbose_name="compte",
    )
    nom = models.CharField("nom et prénom", max_length=150)
    qualite = models.CharField("qualité", max_length=15, choices=Qualite)
    present = models.BooleanField("présent", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "membre de commission"
        verbose_name_plural = "membres de commission"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commission", "utilisateur"],
                condition=Q(utilisateur__isnull=False),
                name="membre_unique",
                violation_error_message="Cette personne est déjà membre de la commission.",
            )
        ]

    def __str__(self) -> str:
        return self.nom


class DossierQuerySet(models.QuerySet["Dossier"]):
    def for_user(self, user: Utilisateur, action: Action) -> DossierQuerySet:
        return self.filter(commission__in=Commission.objects.for_user(user, action))


class Dossier(models.Model):
    """Dossier d'un candidat pour l'épreuve de la commission."""

    class Situation(models.TextChoices):
        """Situation du candidat devant l'épreuve (Q13). Tout autre cas que « à évaluer »
        suspend le calcul et s'imprime tel quel ; rien ne devient zéro."""

        A_EVALUER = "a_evaluer", "à évaluer"
        ABSENT_JUSTIFIE = "absent_justifie", "absent justifié"
        ABSENT_NON_JUSTIFIE = "absent_non_justifie", "absent non justifié"
        DISPENSE = "dispense", "dispensé"
        NOTE_CONSERVEE = "note_conservee", "note conservée"
        BLOC_ACQUIS = "bloc_acquis", "bloc acquis (VAE)"

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="dossiers")
    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="dossiers")
    situation = models.CharField(
        "situation devant l’épreuve", max_length=20, choices=Situation, default=Situation.A_EVALUER
    )
    note_conservee = models.DecimalField(
        "note conservée",
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(20)],
    )
    session_conservee = models.PositiveSmallIntegerField("obtenue à la session", null=True, blank=True)
    observations = models.TextField("observations", blank=True)
    note_proposee = models.DecimalField(
        "note proposée", max_digits=4, decimal_places=2, null=True, blank=True
    )
    motif_ecart = models.TextField("motif de l’écart avec la note calculée", blank=True)
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    objects = DossierQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "dossier de candidat"
        verbose_name_plural = "dossiers de candidat"
        ordering = ["eleve__nom", "eleve__prenom", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commission", "eleve"],
                name="dossier_unique",
                violation_error_message="Ce candidat est déjà devant cette commission.",
            ),
            models.CheckConstraint(
                condition=Q(note_proposee__isnull=True) | Q(note_proposee__range=(0, 20)),
                name="dossier_note_bornee",
                violation_error_message="Une note est comprise entre 0 et 20.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(situation="note_conservee", note_conservee__range=(0, 20))
                    & Q(session_conservee__isnull=False)
                )
                | (
                    ~Q(situation="note_conservee")
                    & Q(note_conservee__isnull=True, session_conservee__isnull=True)
                ),
                name="dossier_note_conservee",
                violation_error_message=(
                    "Une note conservée se donne avec sa session, et seulement dans cette situation."
                ),
            ),
            models.CheckConstraint(
                condition=Q(situation="a_evaluer") | Q(note_proposee__isnull=True),
                name="dossier_note_si_evalue",
                violation_error_message="Seul un candidat à évaluer reçoit une note proposée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.eleve} : {self.commission.epreuve.code}"

    def get_absolute_url(self) -> str:
        return reverse("certification:dossier", args=[self.pk])


class Decision(models.Model):
    """Niveau arrêté par la commission pour une compétence.

    `non_demontree` : aucune situation ne l'a évaluée, la commission la compte 0 et dit pourquoi (Q10).
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="decisions")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="decisions")
    niveau = models.ForeignKey(Niveau, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    non_demontree = models.BooleanField("non démontrée", default=False)
    motif = models.TextField("motif", blank=True)
    auteur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "décision de la commission"
        verbose_name_plural = "décisions de la commission"
        constraints = [
            models.UniqueConstraint(fields=["dossier", "competence"], name="decision_unique"),
            models.CheckConstraint(
                condition=Q(niveau__isnull=False, non_demontree=False)
                | (Q(niveau__isnull=True, non_demontree=True) & ~Q(motif="")),
                name="decision_niveau_ou_motif",
                violation_error_message="Donnez un niveau, ou « non démontrée » avec un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competence.code} : {self.niveau.code if self.niveau else 'non démontrée'}"


class VersionFigee(models.Model):
    """Instantané d'un dossier validé : tout ce qui a servi, tel quel. Jamais modifié."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="versions")
    numero = models.PositiveSmallIntegerField("version")
    contenu = models.TextField("contenu", help_text="JSON canonique.")
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    figee_le = models.DateTimeField("figée le")
    figee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    rouverte_le = models.DateTimeField("rouverte le", null=True, blank=True)
    rouverte_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    motif_reouverture = models.TextField("motif de la réouverture", blank=True)

    class Meta:
        verbose_name = "version figée"
        verbose_name_plural = "versions figées"
        ordering = ["-numero"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "numero"], name="version_figee_unique"),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(rouverte_le__isnull=True), name="version_figee_en_vigueur"
            ),
            models.CheckConstraint(
                condition=Q(rouverte_le__isnull=True, rouverte_par__isnull=True, motif_reouverture="")
                | (Q(rouverte_le__isnull=False, rouverte_par__isnull=False) & ~Q(motif_reouverture="")),
                name="version_figee_reouverture_motivee",
                violation_error_message="Rouvrir un dossier figé demande un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}, version {self.numero}"
