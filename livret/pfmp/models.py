"""La période de formation en milieu professionnel : qui est où, quand, avec qui, et ce qui manque.

Une `Periode` est celle que l'on prévoit pour une classe ; chaque élève y a sa `Pfmp`, faite d'un
ou plusieurs séjours : période scindée, jours de rattrapage, changement de tuteur ou d'entreprise.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.personnes.identifiants import faute_siret, plie, siret_normalise
from livret.personnes.models import (
    Classe,
    Eleve,
    Etablissement,
    Utilisateur,
)
from livret.personnes.recherche import trouves
from livret.pfmp.semaines import Manque, Presence
from referentiel.models import Competence, Tache
from trpm.dates import date_dite
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


def dates_ordonnees(nom: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(fin__gte=F("debut")),
        name=nom,
        violation_error_message="La date de fin précède la date de début.",
    )


def etablissements_suivis(user: Utilisateur, action: Action) -> models.QuerySet[Etablissement]:
    """Ceux que la personne administre, et ceux où elle est dans l'équipe d'une classe : leur carnet
    porte les coordonnées de personnes."""
    classes = Classe.objects.for_user(user, action)
    return Etablissement.objects.filter(
        Q(pk__in=user.etablissements(action, Role.ADMINISTRATEUR)) | Q(pk__in=classes.values("etablissement"))
    )


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

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="entreprises")
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

    entreprise = models.ForeignKey(Entreprise, on_delete=models.PROTECT, related_name="tuteurs")
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
                violation_error_message="Ce tuteur est déjà inscrit dans cette entreprise.",
            )
        ]

    def __str__(self) -> str:
        return self.nom


class PeriodeQuerySet(models.QuerySet["Periode"]):
    def for_user(self, user: Utilisateur, action: Action) -> PeriodeQuerySet:
        return self.filter(classe__in=Classe.objects.for_user(user, action))


class Periode(models.Model):
    """PFMP prévue pour une classe ; les séjours de chaque élève peuvent s'en écarter."""

    classe = models.ForeignKey(Classe, on_delete=models.PROTECT, related_name="periodes")
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


def exiger_annee(classe: Classe, debut: datetime.date | None, fin: datetime.date | None) -> None:
    """`ValidationError`, champ par champ, si ces dates sortent de l'année scolaire de la classe."""
    for champ, jour in (("debut", debut), ("fin", fin)):
        try:
            if jour:
                classe.annee.exiger(jour)
        except ValidationError as faute:
            raise ValidationError({champ: faute.messages}) from None


def exiger_duree(jours: Decimal | int | None, debut: datetime.date, fin: datetime.date) -> None:
    """`ValidationError` si l'on compte plus de jours qu'il n'y en a du premier au dernier."""
    duree = (fin - debut).days + 1
    if jours is not None and jours > duree:
        raise ValidationError(
            {"jours": f"Du premier au dernier, il n’y a que {duree} jour{'s' * (duree > 1)}."}
        )


class PfmpQuerySet(models.QuerySet["Pfmp"]):
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

    periode = models.ForeignKey(Periode, on_delete=models.PROTECT, related_name="pfmps")
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

    objects = PfmpQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[taches, competences])

    class Meta:
        verbose_name = "PFMP"
        verbose_name_plural = "PFMP"
        ordering = ["periode__debut", "eleve__nom", "eleve__prenom", "pk"]
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
    def modifiable(self) -> bool:
        return self.etat == self.Etat.OUVERTE

    def suites(self) -> tuple[str, ...]:
        return self.PASSAGES[self.Etat(self.etat)]

    def passer(self, etat: str) -> None:
        """Change l'état ; `ValidationError` si ce passage n'existe pas ou si des séjours se croisent."""
        if etat not in self.suites():
            voulu = dict(self.Etat.choices).get(etat, etat)
            raise ValidationError(
                f"De l’état « {self.get_etat_display()} », on ne passe pas à l’état « {voulu} »."
            )
        with transaction.atomic():
            _verrouiller(self.eleve_id)
            for sejour in self.sejours.all() if self.etat == self.Etat.ANNULEE else ():
                sejour.refuser_le_chevauchement()
            self.etat = etat
            self.save()


def _verrouiller(eleve: int) -> None:
    """Deux séjours du même élève ne s'écrivent que l'un après l'autre."""
    Eleve.objects.select_for_update(no_key=True).order_by().get(pk=eleve)


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
            _verrouiller(self.pfmp.eleve_id)
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
        if not sejours.exists():
            raise ValidationError({"debut": "Aucun séjour de cette PFMP ne contient ces dates."})

    @property
    def manque(self) -> Manque:
        return Manque(self.debut, self.jours, self.rattrapee)


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
