"""Ce qui se passe dans une PFMP : séjours, absences, visites.

Une PFMP compte un ou plusieurs séjours : période scindée, jours de rattrapage, changement de tuteur
ou d'entreprise.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from simple_history.models import HistoricalRecords

from livret.personnes.models.compte import Utilisateur
from livret.pfmp.models.entreprise import Entreprise, Tuteur
from livret.pfmp.models.pfmp import (
    Pfmp,
    dates_ordonnees,
    exiger_annee,
    verrouiller_l_eleve,
)
from livret.pfmp.semaines import Manque, Presence, decimales, jours_ouvres
from trpm.dates import date_dite
from trpm.permissions import Action
from trpm.textes import pluriel


def exiger_duree(jours: Decimal | int | None, debut: datetime.date, fin: datetime.date) -> None:
    """`ValidationError` si l'on compte plus de jours qu'il n'y en a du premier au dernier."""
    duree = (fin - debut).days + 1
    if jours is not None and jours > duree:
        raise ValidationError(
            {"jours": f"Du premier au dernier, il n’y a que {duree} jour{'s' * (duree > 1)}."}
        )


class DansPfmpQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Utilisateur, action: Action) -> DansPfmpQuerySet:
        return self.filter(pfmp__in=Pfmp.objects.for_user(user, action))


class Sejour(models.Model):
    """Des jours d'affilée dans une entreprise, avec un tuteur."""

    pfmp = models.ForeignKey(Pfmp, on_delete=models.PROTECT, related_name="sejours")
    entreprise = models.ForeignKey(
        Entreprise, on_delete=models.PROTECT, related_name="sejours", verbose_name="entreprise"
    )
    tuteur = models.ForeignKey(
        Tuteur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sejours",
        verbose_name="tuteur",
    )
    debut = models.DateField("du")
    fin = models.DateField("au")
    jours_par_semaine = models.PositiveSmallIntegerField(
        "jours par semaine", default=5, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    jours = models.PositiveSmallIntegerField(
        "jours prévus",
        null=True,
        blank=True,
        help_text="Vide : comptés d’après les dates, du lundi au vendredi. "
        "À écrire s’il y a un jour férié ou un horaire particulier.",
    )
    rattrapage = models.BooleanField(
        "jours de rattrapage",
        default=False,
        help_text="Ces jours rendent ceux d’une absence ; le samedi y compte.",
    )

    objects = DansPfmpQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "séjour en entreprise"
        verbose_name_plural = "séjours en entreprise"
        ordering = ["debut", "pk"]
        constraints = [
            dates_ordonnees("sejour_dates"),
            models.CheckConstraint(
                condition=Q(jours_par_semaine__range=(1, 6)),
                name="sejour_jours_par_semaine",
                violation_error_message="Une semaine compte de un à six jours de travail.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entreprise}, du {date_dite(self.debut)} au {date_dite(self.fin)}"

    def clean(self) -> None:
        if not self.debut or not self.fin or self.fin < self.debut:
            return
        exiger_annee(self.pfmp.periode.classe, self.debut, self.fin)
        exiger_duree(self.jours, self.debut, self.fin)
        self._garder_les_absences()
        if self.entreprise_id and self.entreprise.etablissement_id != self.pfmp.eleve.etablissement_id:
            raise ValidationError({"entreprise": "Cette entreprise n’est pas au carnet de l’établissement."})
        if self.tuteur_id and self.tuteur and self.tuteur.entreprise_id != self.entreprise_id:
            raise ValidationError({"tuteur": f"{self.tuteur} n’est pas de l’entreprise choisie."})
        self.refuser_le_chevauchement()

    def _garder_les_absences(self) -> None:
        """Raccourci ou déplacé, un séjour contient encore les absences qu'il contenait."""
        if (avant := Sejour.objects.filter(pk=self.pk).first()) is None:
            return
        if avant.absences().exclude(debut__gte=self.debut, fin__lte=self.fin).exists():
            raise ValidationError("Une absence sortirait de ces dates : corrigez-la ou retirez-la d’abord.")
        manques = sum((une.jours for une in avant.absences()), Decimal(0))
        if not avant.rattrapage and manques > self.presence.prevus:
            dit = f"Ses absences comptent déjà {decimales(manques)} jours"
            raise ValidationError({"jours": f"{dit}\xa0: il ne peut en prévoir moins."})

    def absences(self) -> models.QuerySet[Absence]:
        return Absence.objects.filter(pfmp=self.pfmp_id, debut__gte=self.debut, fin__lte=self.fin)

    def refuser_le_chevauchement(self) -> None:
        """`ValidationError` si l'élève a déjà, sur ces dates, un séjour d'une PFMP maintenue."""
        croise = (
            Sejour.objects.filter(pfmp__eleve=self.pfmp.eleve_id, debut__lte=self.fin, fin__gte=self.debut)
            .exclude(pfmp__etat=Pfmp.Etat.ANNULEE)
            .exclude(pk=self.pk)
            .select_related("entreprise")
            .first()
        )
        if croise:
            raise ValidationError(f"Ces dates croisent un autre séjour de {self.pfmp.eleve} : {croise}.")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Toujours contrôlé sous le verrou de l'élève : aucune base portable ne sait refuser seule
        deux intervalles qui se croisent."""
        with transaction.atomic():
            verrouiller_l_eleve(self.pfmp.eleve_id)
            self.full_clean()
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.absences().exists():
            raise ValidationError("Ce séjour contient une absence : retirez-la d’abord.")
        return super().delete(*args, **kwargs)

    @property
    def presence(self) -> Presence:
        return Presence(self.debut, self.fin, self.jours_par_semaine, self.jours, self.rattrapage)


class Absence(models.Model):
    """Jours manqués d'une PFMP. Ni motif ni pièce : seulement ce qui se compte."""

    pfmp = models.ForeignKey(Pfmp, on_delete=models.PROTECT, related_name="absences")
    debut = models.DateField("du")
    fin = models.DateField("au")
    jours = models.DecimalField(
        "jours manqués",
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(Decimal("0.5"))],
        help_text="Une demi-journée compte 0,5.",
    )
    justifiee = models.BooleanField("justifiée", default=False)
    rattrapee = models.BooleanField("rattrapée", default=False)

    objects = DansPfmpQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "absence"
        ordering = ["debut", "pk"]
        constraints = [
            dates_ordonnees("absence_dates"),
            models.CheckConstraint(
                condition=Q(jours__gt=0),
                name="absence_jours",
                violation_error_message="Une absence compte au moins une demi-journée.",
            ),
        ]

    def __str__(self) -> str:
        return f"absence du {date_dite(self.debut)}"

    def clean(self) -> None:
        if not self.debut or not self.fin or self.fin < self.debut:
            return
        exiger_duree(self.jours, self.debut, self.fin)
        if self.jours is not None and self.jours % Decimal("0.5"):
            raise ValidationError({"jours": "Comptez par demi-journées : 0,5, 1, 1,5…"})
        sejours = self.pfmp.sejours.filter(debut__lte=self.debut, fin__gte=self.fin, rattrapage=False)
        if (sejour := sejours.first()) is None:
            raise ValidationError({"debut": "Aucun séjour de cette PFMP ne contient ces dates."})
        self._exiger_des_jours_ouvres(sejour)
        autres = Absence.objects.filter(pfmp__eleve=self.pfmp.eleve_id).exclude(pk=self.pk)
        self._refuser_un_jour_compte_deux_fois(autres)
        self._tenir_dans(sejour)

    def _exiger_des_jours_ouvres(self, sejour: Sejour) -> None:
        """On ne manque que des jours où l'on aurait travaillé (Q52)."""
        ouvres = jours_ouvres(self.debut, self.fin, sejour.jours_par_semaine)
        if not ouvres:
            raise ValidationError({"debut": "Ce jour n’est pas travaillé\xa0: on ne peut pas y être absent."})
        if self.jours is not None and self.jours > ouvres:
            s = pluriel(ouvres)
            raise ValidationError(
                {"jours": f"Du premier au dernier, il n’y a que {ouvres} jour{s} travaillé{s}."}
            )

    def _refuser_un_jour_compte_deux_fois(self, autres: models.QuerySet[Absence]) -> None:
        maintenues = autres.exclude(pfmp__etat=Pfmp.Etat.ANNULEE)
        if deja := maintenues.filter(debut__lte=self.fin, fin__gte=self.debut).first():
            fin = f" au {date_dite(deja.fin)}" if deja.fin != deja.debut else ""
            raise ValidationError(
                {"debut": f"Déjà dans l’{deja}{fin}\xa0: corrigez celle-là plutôt que d’en noter une autre."}
            )

    def _tenir_dans(self, sejour: Sejour) -> None:
        """Toutes les absences d'un séjour ensemble ne dépassent pas ses jours prévus."""
        notees = sum((une.jours for une in sejour.absences().exclude(pk=self.pk)), Decimal(0))
        if self.jours is not None and notees + self.jours > sejour.presence.prevus:
            prevus = sejour.presence.prevus
            raise ValidationError(
                {
                    "jours": f"Avec les autres absences ({decimales(notees)}), cela dépasserait les {prevus} "
                    f"jour{pluriel(prevus)} de ce séjour."
                }
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Contrôlée sous le verrou de l'élève : deux personnes ne notent pas ensemble le même jour."""
        with transaction.atomic():
            verrouiller_l_eleve(self.pfmp.eleve_id)
            self.full_clean()
            super().save(*args, **kwargs)

    @property
    def manque(self) -> Manque:
        return Manque(self.debut, self.jours, self.rattrapee, self.fin)


class Visite(models.Model):
    """Visite, ou appel, d'un enseignant pendant une PFMP ; à venir tant que sa date n'est pas passée."""

    class Nature(models.TextChoices):
        VISITE = "visite", "visite en entreprise"
        TELEPHONE = "telephone", "entretien téléphonique"

    pfmp = models.ForeignKey(Pfmp, on_delete=models.PROTECT, related_name="visites")
    date = models.DateField("date")
    par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="visites", verbose_name="enseignant"
    )
    nature = models.CharField("nature", max_length=10, choices=Nature, default=Nature.VISITE)
    compte_rendu = models.TextField("compte rendu", blank=True)

    objects = DansPfmpQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "visite"
        ordering = ["date", "pk"]

    def __str__(self) -> str:
        return f"{self.get_nature_display()} du {date_dite(self.date)}"

    def clean(self) -> None:
        if self.date and self.pfmp_id:
            self.pfmp.periode.classe.annee.exiger(self.date)
