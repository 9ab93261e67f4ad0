"""La période prévue pour une classe, et la PFMP qu'y fait chaque élève."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.personnes.alphabet import alphabetique
from livret.personnes.homonymes import ListeDistinguee
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.pfmp.semaines import jours_ouvres
from livret.progression.models.sequence import SansCours
from referentiel.models import Competence, Tache
from referentiel.reglement.tuteur import MotTuteur
from trpm.dates import date_dite
from trpm.permissions import Action, Role
from trpm.textes import pluriel


def dates_ordonnees(nom: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(fin__gte=F("debut")),
        name=nom,
        violation_error_message="La date de fin précède la date de début.",
    )


class PeriodeQuerySet(models.QuerySet["Periode"]):
    def for_user(self, user: Utilisateur, action: Action) -> PeriodeQuerySet:
        return self.filter(classe__in=Classe.objects.for_user(user, action))


class Periode(models.Model):
    """PFMP prévue pour une classe ; les séjours de chaque élève peuvent s'en écarter."""

    classe = models.ForeignKey(Classe, on_delete=models.PROTECT, related_name="periodes", db_index=False)
    intitule = models.CharField("intitulé", max_length=100, help_text="Par exemple : PFMP n° 1.")
    debut = models.DateField("du")
    fin = models.DateField("au")

    objects = PeriodeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "période de PFMP"
        verbose_name_plural = "périodes de PFMP"
        ordering = ["debut", "pk"]
        constraints = [
            dates_ordonnees("periode_dates"),
            models.UniqueConstraint(
                fields=["classe", "intitule"],
                name="periode_unique",
                violation_error_message="Une période de cette classe porte déjà cet intitulé.",
            ),
        ]

    def __str__(self) -> str:
        return self.intitule

    def get_absolute_url(self) -> str:
        return f"{reverse('livret:classe-pfmp', args=[self.classe_id])}#p{self.pk}"

    @property
    def modification(self) -> str:
        return reverse("livret:periode-update", args=[self.pk])

    def clean(self) -> None:
        exiger_annee(self.classe, self.debut, self.fin)

    @property
    def duree_dite(self) -> str:
        """« du lundi 2 mars au vendredi 27 mars 2026, 20 jours du lundi au vendredi »."""
        jours = jours_ouvres(self.debut, self.fin)
        bornes = f"du {date_dite(self.debut, 'l j F')} au {date_dite(self.fin, 'l j F Y')}"
        return f"{bornes}, {jours} jour{pluriel(jours)} du lundi au vendredi"

    def croisees(self) -> list[Periode | SansCours]:
        """Les autres périodes de la classe et les semaines sans cours qui tombent aux mêmes dates."""
        memes = Q(debut__lte=self.fin, fin__gte=self.debut)
        autres = self.classe.periodes.filter(memes).exclude(pk=self.pk)
        return [*autres, *self.classe.etablissement.sans_cours.filter(memes)]


def exiger_annee(classe: Classe, debut: datetime.date | None, fin: datetime.date | None) -> None:
    """`ValidationError`, champ par champ, si ces dates sortent de l'année scolaire de la classe."""
    for champ, jour in (("debut", debut), ("fin", fin)):
        try:
            if jour:
                classe.annee.exiger(jour)
        except ValidationError as faute:
            raise ValidationError({champ: faute.messages}) from None


class PfmpQuerySet(ListeDistinguee, models.QuerySet["Pfmp"]):
    def for_user(self, user: Utilisateur, action: Action) -> PfmpQuerySet:
        """L'équipe et l'administration voient celles de leurs classes, l'élève les siennes, une commission
        celles de ses candidats."""
        lui = user.etablissements(action, Role.ELEVE)
        return self.filter(
            Q(periode__classe__in=Classe.objects.for_user(user, action))
            | Q(eleve__etablissement__in=lui, eleve__utilisateur=user)
            | Q(eleve__in=Eleve.objects.devant(user, action))
        )

    def maintenues(self) -> PfmpQuerySet:
        return self.exclude(etat=Pfmp.Etat.ANNULEE)

    def verrouillees(self) -> PfmpQuerySet:
        """À lire dans une transaction : ce qui s'écrit dans une PFMP passe après ce verrou."""
        return self.select_for_update(of=("self",), no_key=True)


class Pfmp(models.Model):
    """La PFMP d'un élève dans une période de sa classe."""

    class Etat(models.TextChoices):
        OUVERTE = "ouverte", "ouverte"
        CLOSE = "close", "close"
        ANNULEE = "annulee", "annulée"

    PASSAGES = {
        Etat.OUVERTE: (Etat.CLOSE, Etat.ANNULEE),
        Etat.CLOSE: (Etat.OUVERTE,),
        Etat.ANNULEE: (Etat.OUVERTE,),
    }

    periode = models.ForeignKey(Periode, on_delete=models.PROTECT, related_name="pfmps", db_index=False)
    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="pfmps")
    referent = models.ForeignKey(
        Utilisateur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="pfmps_suivies",
        verbose_name="enseignant référent",
    )
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.OUVERTE)
    activites = models.TextField(
        "activités confiées", blank=True, help_text="En quelques mots de l’entreprise, facultatif."
    )
    taches = models.ManyToManyField(Tache, related_name="pfmps", blank=True, verbose_name="tâches")
    competences = models.ManyToManyField(
        Competence, related_name="pfmps", blank=True, verbose_name="compétences visées"
    )
    annexe_relue_le = models.DateField("annexe pédagogique relue le", null=True, blank=True)
    relancee_le = models.DateField("référent relancé le", null=True, editable=False)

    objects = PfmpQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[taches, competences], excluded_fields=["relancee_le"])

    class Meta:
        verbose_name = "PFMP"
        verbose_name_plural = "PFMP"
        ordering = ["periode__debut", *alphabetique("eleve__")]
        constraints = [
            models.UniqueConstraint(
                fields=["periode", "eleve"],
                name="pfmp_unique",
                violation_error_message="Cet élève a déjà sa PFMP dans cette période.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.periode} de {self.eleve}"

    def get_absolute_url(self) -> str:
        return reverse("livret:pfmp", args=[self.pk])

    def clean(self) -> None:
        if not self.periode_id or not self.eleve_id:
            return
        if not self.eleve.scolarites.filter(classe=self.periode.classe_id).exists():
            raise ValidationError(f"{self.eleve} n’est pas de la classe {self.periode.classe}.")

    @property
    def mot_tuteur(self) -> MotTuteur:
        return self.periode.classe.mot_tuteur

    @property
    def modifiable(self) -> bool:
        return self.etat == self.Etat.OUVERTE

    def suites(self) -> tuple[str, ...]:
        return self.PASSAGES[self.Etat(self.etat)]

    def passer(self, etat: str) -> None:
        """Change l'état ; `ValidationError` si ce passage n'existe pas ou si des séjours se croisent."""
        if etat not in self.suites():
            voulu = dict(self.Etat.choices).get(etat, etat)
            raise ValidationError(
                f"Cette PFMP est {self.get_etat_display()}\xa0: elle ne peut pas devenir «\xa0{voulu}\xa0»."
            )
        with transaction.atomic():
            verrouiller_l_eleve(self.eleve_id)
            for sejour in self.sejours.all() if self.etat == self.Etat.ANNULEE else ():
                sejour.refuser_le_chevauchement()
            self.etat = etat
            self.save()


def verrouiller_l_eleve(eleve: int) -> None:
    """Deux séjours du même élève ne s'écrivent que l'un après l'autre."""
    Eleve.objects.select_for_update(no_key=True).order_by().get(pk=eleve)
