"""La progression d'une promotion : ses séquences et projets posés sur les semaines, ses PFMP prévues."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.annee import entree, jeudi, semestre_de_session
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.progression.calendrier import (
    couvertes,
    dimanche,
    lundi,
    rentree_de,
    semaines,
)
from livret.situation.models.situation import Situation
from referentiel.models import Competence, Detaillee, Tache
from trpm.dates import date_dite
from trpm.permissions import Action

UNE_ANNEE = "La dernière semaine dépasse le début de juillet : posez une séquence par année scolaire."


class SequenceQuerySet(models.QuerySet["Sequence"]):
    def for_user(self, user: Utilisateur, action: Action) -> SequenceQuerySet:
        return self.filter(promotion__in=Promotion.objects.suivies(user, action))

    def verrouillees(self) -> SequenceQuerySet:
        """À lire dans une transaction : deux déplacements passent l'un après l'autre."""
        return self.select_for_update(of=("self",), no_key=True)

    def prevues(self) -> SequenceQuerySet:
        return self.filter(retiree_le__isnull=True)


class Sequence(models.Model):
    """Séquence ou projet, de la semaine du `debut` (un lundi) à celle de la `fin` (un dimanche).

    Ce qu'elle évalue est aussi travaillé. Elle se retire, elle ne s'efface pas.
    """

    class Nature(models.TextChoices):
        SEQUENCE = "sequence", "séquence"
        PROJET = "projet", "projet"

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="sequences")
    classe = models.ForeignKey(
        Classe,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sequences",
        verbose_name="classe",
        help_text="Vide : toute la promotion.",
    )
    intitule = models.CharField("intitulé", max_length=200)
    nature = models.CharField("nature", max_length=10, choices=Nature, default=Nature.SEQUENCE)
    debut = models.DateField("première semaine")
    fin = models.DateField("dernière semaine")
    description = models.TextField(
        "description", blank=True, help_text="Problématique, déroulement, production attendue."
    )
    taches = models.ManyToManyField(
        Tache, related_name="sequences", blank=True, verbose_name="tâches travaillées"
    )
    taches_evaluees = models.ManyToManyField(
        Tache, related_name="sequences_qui_evaluent", blank=True, verbose_name="tâches évaluées"
    )
    competences = models.ManyToManyField(
        Competence, related_name="sequences", blank=True, verbose_name="compétences travaillées"
    )
    competences_evaluees = models.ManyToManyField(
        Competence, related_name="sequences_qui_evaluent", blank=True, verbose_name="compétences évaluées"
    )
    detaillees = models.ManyToManyField(
        Detaillee, related_name="sequences", blank=True, verbose_name="compétences détaillées travaillées"
    )
    detaillees_evaluees = models.ManyToManyField(
        Detaillee,
        related_name="sequences_qui_evaluent",
        blank=True,
        verbose_name="compétences détaillées évaluées",
    )
    situations = models.ManyToManyField(
        Situation, related_name="sequences", blank=True, verbose_name="situations d’évaluation"
    )
    auteur = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="sequences", verbose_name="créée par"
    )
    pose = models.PositiveIntegerField("déplacements", default=0, editable=False)
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True)

    objects = SequenceQuerySet.as_manager()
    history = HistoricalRecords(
        m2m_fields=[
            taches,
            taches_evaluees,
            competences,
            competences_evaluees,
            detaillees,
            detaillees_evaluees,
            situations,
        ]
    )

    class Meta:
        verbose_name = "séquence"
        ordering = ["debut", "fin", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="sequence_dates_ordonnees",
                violation_error_message="La dernière semaine ne peut pas précéder la première.",
            )
        ]

    def __str__(self) -> str:
        return self.intitule

    def get_absolute_url(self) -> str:
        return reverse("livret:sequence", args=[self.pk])

    @property
    def semaines(self) -> int:
        return ((self.fin - self.debut).days + 1) // 7

    @property
    def semestre(self) -> int:
        """Semestre du cycle où elle s'achève."""
        cycle, depuis = self.promotion.referentiel.cycle, self.promotion.etablissement.second_semestre
        return semestre_de_session(cycle, self.promotion.session, jeudi(self.fin), depuis)

    def sans_cours(self) -> bool:
        """Posée tout entière sur des semaines sans cours de l'établissement. Une requête."""
        periodes = SansCours.objects.filter(etablissement=self.promotion.etablissement_id)
        return couvertes(self.debut, self.fin, periodes.values_list("debut", "fin"))

    def etat(self, jour: datetime.date) -> str:
        if self.retiree_le:
            return "retirée"
        return "à venir" if jour < self.debut else "terminée" if jour > self.fin else "en cours"

    def deplacer(self, debut: datetime.date, fin: datetime.date) -> None:
        """`ValidationError` si ces semaines ne conviennent pas."""
        self.debut, self.fin = debut, fin
        self.full_clean()
        self.pose += 1
        self.save()

    def clean(self) -> None:
        if self.classe_id and self.promotion_id and self.classe.promotion_id != self.promotion_id:  # type: ignore[union-attr]
            raise ValidationError({"classe": "Cette classe n’est pas de la promotion."})
        if self.debut and self.fin:
            self.debut, self.fin = poser(self.promotion, self.debut, self.fin)


class PfmpPrevueQuerySet(models.QuerySet["PfmpPrevue"]):
    def for_user(self, user: Utilisateur, action: Action) -> PfmpPrevueQuerySet:
        return self.filter(promotion__in=Promotion.objects.suivies(user, action))


class PfmpPrevue(models.Model):
    """Semaines de PFMP prévues pour la promotion ; les périodes de chaque élève se tiennent ailleurs."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="pfmp_prevues")
    debut = models.DateField("première semaine")
    fin = models.DateField("dernière semaine")

    objects = PfmpPrevueQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "PFMP prévue"
        verbose_name_plural = "PFMP prévues"
        ordering = ["debut", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="pfmp_prevue_dates_ordonnees",
                violation_error_message="La dernière semaine ne peut pas précéder la première.",
            )
        ]

    def __str__(self) -> str:
        return f"PFMP du {self.debut} au {self.fin}"

    @property
    def semaines(self) -> int:
        return ((self.fin - self.debut).days + 1) // 7

    def clean(self) -> None:
        if self.debut and self.fin:
            self.debut, self.fin = poser(self.promotion, self.debut, self.fin)
            autres = PfmpPrevue.objects.filter(promotion=self.promotion_id).exclude(pk=self.pk)
            if autres.filter(debut__lte=self.fin, fin__gte=self.debut).exists():
                raise ValidationError("Ces semaines sont déjà prises par une autre PFMP prévue.")


class SansCours(models.Model):
    """Semaines sans cours d'un établissement : montrées sur la progression, et rien de plus.

    Elles dépendent de l'académie et de l'année : l'équipe les saisit, le logiciel n'en connaît aucune.
    """

    etablissement = models.ForeignKey(Etablissement, on_delete=models.CASCADE, related_name="sans_cours")
    libelle = models.CharField("libellé", max_length=60)
    debut = models.DateField("première semaine")
    fin = models.DateField("dernière semaine")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "semaines sans cours"
        verbose_name_plural = "semaines sans cours"
        ordering = ["debut", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="sans_cours_dates_ordonnees",
                violation_error_message="La dernière semaine ne peut pas précéder la première.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.libelle}, du {date_dite(self.debut)} au {date_dite(self.fin)}"

    def clean(self) -> None:
        if self.debut and self.fin:
            self.debut, self.fin = lundi(self.debut), dimanche(self.fin)
            self._exiger_les_annees_de_l_etablissement()
            autres = SansCours.objects.filter(etablissement=self.etablissement_id).exclude(pk=self.pk)
            if deja := autres.filter(debut__lte=self.fin, fin__gte=self.debut).first():
                raise ValidationError(f"Ces semaines croisent celles-ci, déjà sans cours\xa0: {deja}.")

    def _exiger_les_annees_de_l_etablissement(self) -> None:
        promotions = list(
            Promotion.objects.filter(etablissement=self.etablissement_id).select_related("referentiel")
        )
        if not promotions:
            return
        premiere = min(entree(une.referentiel.cycle, une.session) for une in promotions)
        derniere = max(une.session for une in promotions)
        for jour in (self.debut, self.fin):
            if not premiere <= rentree_de(jour) < derniere:
                raise _hors_des_annees(jour, premiere, derniere)


def _hors_des_annees(debut: datetime.date, premiere: int, derniere: int) -> ValidationError:
    return ValidationError(
        f"La semaine du {date_dite(debut)} est hors des années des promotions de l’établissement, de "
        f"septembre {premiere} à juillet {derniere}."
    )


def poser(
    promotion: Promotion, debut: datetime.date, fin: datetime.date
) -> tuple[datetime.date, datetime.date]:
    """Ces semaines entières, si elles sont d'une même année de la promotion ; sinon `ValidationError`."""
    debut, fin = lundi(debut), dimanche(fin)
    rentree = rentree_de(debut)
    premiere = entree(promotion.referentiel.cycle, promotion.session)
    if not premiere <= rentree < promotion.session or debut not in semaines(rentree):
        jour = date_dite(debut)
        raise ValidationError(
            f"La semaine du {jour} est hors des trois années de la promotion : "
            f"choisissez-la entre septembre {premiere} et début juillet {promotion.session}."
        )
    if lundi(fin) not in semaines(rentree):
        raise ValidationError(UNE_ANNEE)
    return debut, fin
