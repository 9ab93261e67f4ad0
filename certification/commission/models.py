"""La commission : sa session, son épreuve, sa grille et ses membres."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from livret import annee
from livret.models import Etablissement, Utilisateur
from referentiel.models import Epreuve, Grille
from referentiel.reglement.commission import ReglesCommission
from trpm.adresses import adresse
from trpm.dates import date_dite
from trpm.permissions import Action, Role


class CommissionQuerySet(models.QuerySet["Commission"]):
    def ouvertes(self) -> CommissionQuerySet:
        return self.filter(close_le__isnull=True)

    def for_user(self, user: Utilisateur, action: Action) -> CommissionQuerySet:
        """L'administrateur et le président voient celles de l'établissement, un membre les siennes."""
        return self.dans(*perimetre(user, action))

    def dans(
        self, entiers: tuple[int, ...], siennes: tuple[int, ...], personne: int | None
    ) -> CommissionQuerySet:
        membre = Membre.objects.filter(utilisateur=personne).values("commission")
        return self.filter(Q(etablissement__in=entiers) | Q(etablissement__in=siennes, pk__in=membre))


def perimetre(user: Utilisateur, action: Action) -> tuple[tuple[int, ...], tuple[int, ...], int | None]:
    """Les établissements où l'on voit toutes les commissions, ceux où l'on ne voit que les siennes, et qui
    l'on y est : de quoi les retrouver sans relire ses rôles."""
    entiers = user.etablissements(action, Role.ADMINISTRATEUR, Role.PRESIDENT)
    siennes = tuple(sorted(user.etablissements(action, Role.MEMBRE)))
    return tuple(sorted(entiers)), siennes, user.pk if siennes else None


class ReunionQuerySet(models.QuerySet["Reunion"]):
    def for_user(self, user: Utilisateur, action: Action) -> ReunionQuerySet:
        """Celles dont la personne voit au moins une commission."""
        return self.filter(pk__in=Commission.objects.for_user(user, action).values("reunion"))

    def entieres_pour(self, user: Utilisateur, action: Action) -> ReunionQuerySet:
        """Celles dont la personne voit toutes les commissions."""
        siennes = Commission.objects.for_user(user, action)
        cachees = Commission.objects.filter(reunion__isnull=False).exclude(pk__in=siennes)
        return self.for_user(user, action).exclude(pk__in=cachees.values("reunion"))


class Reunion(models.Model):
    """Plusieurs commissions tenues ensemble, une par épreuve. Une commission seule n'en a pas besoin."""

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="reunions")
    session = models.PositiveSmallIntegerField("session")
    intitule = models.CharField("intitulé", max_length=150)
    date = models.DateField("date")
    heure = models.TimeField("heure", null=True, blank=True)
    lieu = models.CharField("lieu", max_length=150, blank=True)

    objects = ReunionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "réunion de commissions"
        verbose_name_plural = "réunions de commissions"
        ordering = ["-session", "date", "pk"]

    def __str__(self) -> str:
        return self.intitule

    def clean(self) -> None:
        exiger_session(self.session, self.date)

    def get_absolute_url(self) -> str:
        return adresse("certification:reunion", self.pk)


def exiger_session(session: int | None, jour: datetime.date | None) -> None:
    """`ValidationError` si une commission ne peut se tenir ce jour-là pour cette session : de la rentrée qui
    la précède au 31 décembre, session de remplacement comprise (Q30 : jamais plus serré)."""
    if not session or not jour:
        return
    debut, fin = annee.premier_jour(session - 1), datetime.date(session, 12, 31)
    if not debut <= jour <= fin:
        raise ValidationError(
            {
                "date": f"Une commission de la session {session} se tient entre le {date_dite(debut)} et le "
                f"{date_dite(fin)}\xa0: vérifiez la date, ou la session."
            }
        )


class Commission(models.Model):
    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="commissions")
    reunion = models.ForeignKey(
        Reunion,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="commissions",
        verbose_name="réunion",
    )
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
    heure = models.TimeField("heure", null=True, blank=True)
    lieu = models.CharField("lieu", max_length=150, blank=True)
    close_le = models.DateTimeField("close le", null=True, blank=True, editable=False)
    close_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    motif_cloture = models.TextField("motif de la clôture", blank=True, editable=False)

    objects = CommissionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "commission de certification"
        verbose_name_plural = "commissions de certification"
        ordering = ["-session", "epreuve__ordre", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "session", "epreuve", "intitule"],
                condition=Q(close_le__isnull=True),
                name="commission_unique",
                violation_error_message="Cette commission existe déjà pour cette session et cette épreuve.",
            ),
            models.CheckConstraint(
                condition=Q(close_le__isnull=True, close_par__isnull=True, motif_cloture="")
                | (Q(close_le__isnull=False, close_par__isnull=False) & ~Q(motif_cloture="")),
                name="commission_cloture_motivee",
                violation_error_message="Clore une commission demande un motif.",
            ),
        ]

    def __str__(self) -> str:
        return self.intitule

    @property
    def regles(self) -> ReglesCommission:
        return self.epreuve.referentiel.regles

    @property
    def comptent(self) -> tuple[int, datetime.date]:
        """La session, et le jour depuis lequel une situation certificative y compte d'office."""
        return self.session, annee.compte_depuis(self.epreuve.referentiel.cycle, self.regles, self.session)

    @property
    def close(self) -> bool:
        return self.close_le is not None

    def clean(self) -> None:
        if self.epreuve_id and self.grille_id and self.epreuve.referentiel_id != self.grille.referentiel_id:
            raise ValidationError({"grille": "Cette grille n’est pas celle du référentiel de l’épreuve."})
        if self.reunion and (self.reunion.etablissement_id, self.reunion.session) != (
            self.etablissement_id,
            self.session,
        ):
            raise ValidationError("La réunion est d’un autre établissement ou d’une autre session.")
        if self.pk and self.dossiers.exists():
            self._verifie_constance()
        exiger_session(self.session, self.date)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """L'unicité dépend de la clôture, que les formulaires ne montrent pas."""
        super().validate_constraints(exclude=set(exclude or ()) - {"close_le"})

    def _verifie_constance(self) -> None:
        """Des candidats sont devant la commission : ce qu'on leur applique ne change plus."""
        avant = Commission.objects.get(pk=self.pk)
        faits = {"epreuve": "l’épreuve", "session": "la session", "etablissement": "l’établissement"}
        if avant.dossiers.filter(Q(decisions__isnull=False) | Q(versions__isnull=False)).exists():
            faits["grille"] = "la version de grille"
        for champ, nom in faits.items():
            if getattr(avant, champ) != getattr(self, champ):
                raise ValidationError(
                    {champ: f"Des candidats sont déjà devant cette commission : {nom} ne change plus."}
                )

    def get_absolute_url(self) -> str:
        return adresse("certification:commission", self.pk)

    def soeurs(self) -> models.QuerySet[Commission]:
        """Les autres commissions de la même réunion, sans celles qui sont closes."""
        if self.reunion_id is None:
            return Commission.objects.none()
        return Commission.objects.ouvertes().filter(reunion=self.reunion_id).exclude(pk=self.pk)

    def sieger_comme(self, modele: Commission) -> None:
        """Reprend la date, l'heure, le lieu, les membres et les présences d'une autre commission."""
        self.date, self.heure, self.lieu = modele.date, modele.heure, modele.lieu
        self.save()
        siens = {(membre.utilisateur_id, membre.nom): membre for membre in self.membres.all()}
        for membre in modele.membres.all():
            sien = siens.pop((membre.utilisateur_id, membre.nom), None) or Membre(
                commission=self, utilisateur_id=membre.utilisateur_id, nom=membre.nom
            )
            sien.qualite, sien.present = membre.qualite, membre.present
            sien.save()
        for parti in siens.values():
            parti.delete()


class Membre(models.Model):
    """Membre de la commission, avec ou sans compte (DOMAINE.md, section 5 ; Q28)."""

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
    qualite = models.CharField("qualité", max_length=30, help_text="Le référentiel en donne la liste.")
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

    @property
    def qualite_dite(self) -> str:
        return self.commission.regles.qualite(self.qualite)
