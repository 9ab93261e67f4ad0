"""La fiche que remplit le tuteur, et ce qu'elle devient une fois validée.

Le tuteur n'a pas de compte. Rien de ce qu'il envoie n'est un niveau : c'est l'enseignant qui valide
la fiche, et elle devient alors une situation en entreprise comme une autre (Q9).
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Min, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from livret.personnes.identifiants import plie
from livret.personnes.models.compte import Utilisateur
from livret.pfmp.models.entreprise import Tuteur
from livret.pfmp.models.pfmp import Pfmp
from livret.situation.models.situation import Situation
from livret.tuteur.envoi import ContenuFiche, Page, Signature
from referentiel.models import Competence, Critere, Niveau, Tache
from trpm.dates import date_dite
from trpm.permissions import Action

AILLEURS = (
    "Cette fiche a été modifiée ailleurs depuis que vous l’avez ouverte : relisez ce qui est écrit ici, "
    "puis recommencez si c’est bien ce que vous voulez garder."
)


class FicheChangee(ValidationError):
    """La fiche n'est plus celle que la personne a sous les yeux."""


def rangement(fiche: FicheTuteur, nom: str) -> str:
    """Ni le nom ni l'extension reçus n'arrivent sur le disque."""
    tirage = uuid.uuid4().hex
    return f"tuteurs/{tirage[:2]}/{tirage}"


class FicheTuteurQuerySet(models.QuerySet["FicheTuteur"]):
    def for_user(self, user: Utilisateur, action: Action) -> FicheTuteurQuerySet:
        return self.filter(pfmp__in=Pfmp.objects.for_user(user, action))

    def verrouillees(self) -> FicheTuteurQuerySet:
        """À lire dans une transaction : tout ce qui s'écrit dans une fiche passe après ce verrou."""
        return self.select_for_update(of=("self",), no_key=True)


class FicheTuteur(models.Model):
    """Ce qu'un tuteur dit d'un élève pour une PFMP, séjours scindés compris."""

    class Etat(models.TextChoices):
        BROUILLON = "brouillon", "à remplir"
        ENVOYEE = "envoyee", "reçue, à valider"
        VALIDEE = "validee", "validée"

    class Canal(models.TextChoices):
        LIEN = "lien", "à distance, par son lien"
        VISITE = "visite", "ensemble, pendant la visite"
        PAPIER = "papier", "d’après la fiche papier"

    class Mode(models.TextChoices):
        TRACE = "trace", "tracée"
        COCHE = "coche", "nom écrit et case cochée"
        PAPIER = "papier", "sur la fiche papier"

    pfmp = models.ForeignKey(Pfmp, on_delete=models.PROTECT, related_name="fiches_tuteur", db_index=False)
    tuteur = models.ForeignKey(Tuteur, on_delete=models.PROTECT, related_name="fiches")
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.BROUILLON)
    canal = models.CharField("remplie", max_length=10, choices=Canal, default=Canal.LIEN)
    activites = models.TextField("activités faites", blank=True)
    taches = models.ManyToManyField(Tache, related_name="fiches_tuteur", blank=True, verbose_name="tâches")
    points_forts = models.TextField("points forts", blank=True)
    signataire = models.CharField("signée par", max_length=150, blank=True)
    signature_mode = models.CharField("signature", max_length=10, choices=Mode, blank=True)
    signature = models.BinaryField("signature tracée", null=True, blank=True)
    signee_le = models.DateField("signée le", null=True, blank=True)
    scan = models.FileField("fiche papier", upload_to=rangement, max_length=100, blank=True)
    scan_nom = models.CharField("nom du fichier", max_length=150, blank=True)
    scan_type = models.CharField("type", max_length=100, blank=True)
    revision = models.PositiveIntegerField("révision", default=0)
    page = models.CharField("dernière page", max_length=36, blank=True)
    rang = models.PositiveIntegerField("dernier envoi de cette page", default=0)
    modifiee_le = models.DateTimeField("modifiée le", auto_now=True)
    saisie_par = models.ForeignKey(
        Utilisateur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="saisie par",
    )
    envoyee_le = models.DateTimeField("reçue le", null=True, blank=True)
    validee_le = models.DateTimeField("validée le", null=True, blank=True)
    validee_par = models.ForeignKey(
        Utilisateur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="validée par",
    )
    situation = models.OneToOneField(
        Situation, on_delete=models.PROTECT, null=True, blank=True, related_name="fiche_tuteur"
    )

    objects = FicheTuteurQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["signature", "page", "rang", "modifiee_le"])

    class Meta:
        verbose_name = "fiche du tuteur"
        verbose_name_plural = "fiches des tuteurs"
        ordering = ["pfmp", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pfmp", "tuteur"],
                name="fiche_tuteur_unique",
                violation_error_message="Cette personne a déjà sa fiche pour cette PFMP.",
            ),
            models.CheckConstraint(
                condition=Q(etat="brouillon", envoyee_le__isnull=True)
                | Q(envoyee_le__isnull=False, signee_le__isnull=False)
                & ~Q(etat="brouillon")
                & ~Q(signataire="")
                & ~Q(signature_mode=""),
                name="fiche_tuteur_signee",
                violation_error_message="Une fiche s’envoie signée.",
            ),
            models.CheckConstraint(
                condition=Q(signature_mode="trace", signature__isnull=False)
                | (~Q(signature_mode="trace") & Q(signature__isnull=True)),
                name="fiche_tuteur_trace",
                violation_error_message="Une signature tracée se garde avec son dessin.",
            ),
            models.CheckConstraint(
                condition=Q(
                    etat="validee",
                    situation__isnull=False,
                    validee_le__isnull=False,
                    validee_par__isnull=False,
                )
                | (
                    ~Q(etat="validee")
                    & Q(situation__isnull=True, validee_le__isnull=True, validee_par__isnull=True)
                ),
                name="fiche_tuteur_validee",
                violation_error_message="Une fiche validée est devenue une situation, et une seule.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tuteur} : {self.pfmp}"

    def clean(self) -> None:
        if self.signee_le and self.pfmp_id:
            self.exiger_signature(self.signee_le)

    def exiger_signature(self, jour: datetime.date) -> None:
        """`ValidationError` si la fiche n'a pu être signée ce jour-là : avant le séjour, ou demain."""
        bornes = self.dates()
        if bornes and jour < bornes[0]:
            raise ValidationError(
                f"La fiche n’a pu être signée avant le début du séjour, le {date_dite(bornes[0])}."
            )
        if jour > timezone.localdate():
            raise ValidationError("Cette date n’est pas encore venue.")

    def get_absolute_url(self) -> str:
        return reverse("livret:fiche-tuteur", args=[self.pfmp_id, self.tuteur_id])

    @property
    def remplissable(self) -> bool:
        return self.etat == self.Etat.BROUILLON

    def dates(self) -> tuple[datetime.date, datetime.date] | None:
        """Du premier au dernier jour chez ce tuteur ; `None` s'il n'a plus de séjour dans la PFMP."""
        bornes = self.pfmp.sejours.filter(tuteur=self.tuteur_id).aggregate(debut=Min("debut"), fin=Max("fin"))
        return (bornes["debut"], bornes["fin"]) if bornes["debut"] else None

    def obstacle(self) -> str:
        """Pourquoi le tuteur ne peut plus, ou pas encore, la remplir ; vide s'il le peut."""
        if not self.pfmp.modifiable:
            return f"Cette PFMP est {self.pfmp.get_etat_display()}."
        if self.dates() is None:
            return f"{self.tuteur} n’est plus {self.pfmp.mot_tuteur.le} de cette période."
        if not self.pfmp.competences.exists():
            return "Aucune compétence n’est encore visée par cette période."
        return ""

    def competences(self) -> models.QuerySet[Competence]:
        """Celles que vise la période ; une fois envoyée, la fiche garde celles dont elle parle."""
        if self.remplissable:
            return self.pfmp.competences.all()
        return Competence.objects.filter(avis_tuteur__fiche=self).distinct()

    def criteres(self) -> models.QuerySet[Critere]:
        """Ceux que la grille de la promotion évalue ; une fois envoyée, elle garde ceux dont elle parle."""
        if not self.remplissable:
            return Critere.objects.filter(avis_tuteur__fiche=self)
        promotion, eleve = self.pfmp.periode.classe.promotion, self.pfmp.eleve
        visees = Critere.objects.evalues().filter(
            grille=promotion.grille_id, competence__in=self.pfmp.competences.all()
        )
        option = eleve.option_id
        if eleve.promotion_id != promotion.pk and eleve.option.referentiel_id != promotion.referentiel_id:
            option = promotion.option_id  # son option d’aujourd’hui est celle d’un autre diplôme
        return visees.filter(Q(option__isnull=True) | Q(option=option))

    def contenu(self) -> ContenuFiche:
        return ContenuFiche(
            self.activites,
            self.points_forts,
            frozenset(self.taches.values_list("pk", flat=True)),
            self.niveaux_dits(),
        )

    def niveaux_dits(self) -> dict[tuple[int, int], int | None]:
        """Par compétence, et par critère si la grille en positionne ; `None` : pas vu."""
        return {(un.competence_id, un.critere_id or 0): un.niveau_id for un in self.avis.all()}

    # --- Ce que le tuteur écrit ------------------------------------------------------------------

    def garder(self, contenu: ContenuFiche, page: Page, champs: dict[str, Any]) -> FicheTuteur:
        """Garde le brouillon venu de cette page ; `FicheChangee` si la fiche a changé ailleurs."""
        with transaction.atomic():
            fiche = self.verrouillee()
            fiche.exiger_brouillon()
            fiche._recevoir(contenu, page, champs)
            return fiche

    def envoyer(
        self,
        contenu: ContenuFiche,
        signature: Signature,
        page: Page,
        champs: dict[str, Any],
        le: datetime.datetime,
    ) -> FicheTuteur:
        """Signe et envoie. Le même envoi reçu deux fois ne fait rien de plus."""
        with transaction.atomic():
            fiche = self.verrouillee()
            if fiche.etat == self.Etat.ENVOYEE and fiche.page == page.cle:
                return fiche
            fiche.exiger_brouillon()
            fiche._recevoir(contenu, page, champs, envoi=True)
            fiche.etat, fiche.envoyee_le = self.Etat.ENVOYEE, le
            fiche.signataire, fiche.signature_mode = signature.nom, signature.mode
            fiche.signature, fiche.signee_le = signature.dessin, signature.le
            fiche.save()
            avis: Any = AvisTuteur
            avis.history.bulk_history_create(list(fiche.avis.all()), default_date=le)
            return fiche

    def verrouillee(self) -> FicheTuteur:
        objets = FicheTuteur.objects.verrouillees().select_related(
            "pfmp__periode__classe__promotion__referentiel",
            "pfmp__eleve",
            "tuteur__entreprise",
            "validee_par",
        )
        return objets.get(pk=self.pk)

    def exiger_brouillon(self) -> None:
        if not self.remplissable:
            raise ValidationError(
                f"Cette fiche est {self.get_etat_display()}\xa0: elle ne se modifie plus. "
                "L’enseignant peut la rendre à compléter tant qu’il ne l’a pas validée."
            )

    def _recevoir(
        self, contenu: ContenuFiche, page: Page, champs: dict[str, Any], envoi: bool = False
    ) -> None:
        meme_page = self.page == page.cle
        if not meme_page and page.revision != self.revision and contenu != self.contenu():
            raise FicheChangee(AILLEURS)
        if meme_page and not envoi and page.rang is not None and page.rang <= self.rang:
            return
        self.activites, self.points_forts = contenu.activites, contenu.points_forts
        self._oublier_le_scan(champs)
        for nom, valeur in champs.items():
            setattr(self, nom, valeur)
        self.page, self.revision = page.cle, self.revision + 1
        self.rang = page.rang if page.rang is not None else self.rang + 1
        self.skip_history_when_saving = True  # un brouillon n'est pas un fait ; l'envoi en est un
        self.save()
        del self.skip_history_when_saving
        self.taches.set(contenu.taches)
        self.avis.all().delete()
        AvisTuteur.objects.bulk_create(
            AvisTuteur(fiche=self, competence_id=competence, critere_id=critere or None, niveau_id=niveau)
            for (competence, critere), niveau in contenu.avis.items()
        )

    def _oublier_le_scan(self, champs: dict[str, Any]) -> None:
        """Un nouveau fichier remplace l'ancien, qui ne part qu'avec la transaction."""
        if self.scan and "scan" in champs:
            stockage, chemin = self.scan.storage, str(self.scan.name)
            transaction.on_commit(lambda: stockage.delete(chemin))

    # --- Ce que l'enseignant décide --------------------------------------------------------------

    def retirer_les_liens(self, par: Utilisateur, le: datetime.datetime) -> int:
        """Plus aucun lien, plus aucun code n'ouvre la fiche ; rend combien servaient encore."""
        vivants = self.liens.filter(retire_le__isnull=True, expire_le__gt=le)
        return vivants.update(retire_le=le, retire_par=par)

    def rendre(self) -> None:
        """Rouvre une fiche reçue pour que le tuteur la complète ; il la signera de nouveau."""
        with transaction.atomic():
            fiche = self.verrouillee()
            if fiche.etat != self.Etat.ENVOYEE:
                raise ValidationError(
                    f"Cette fiche est {fiche.get_etat_display()}\xa0: elle ne se rend plus."
                )
            fiche.etat, fiche.envoyee_le = self.Etat.BROUILLON, None
            fiche.signature_mode, fiche.signature, fiche.signee_le = "", None, None
            fiche.revision += 1
            fiche.page = ""
            fiche.save()

    @property
    def evaluateur(self) -> str:
        """Le tuteur du carnet, ou la personne qui a signé à sa place."""
        return self.tuteur.nom if plie(self.signataire) == plie(self.tuteur.nom) else self.signataire


class AvisTuteur(models.Model):
    """Ce que le tuteur dit d'une compétence, ou d'un critère. Sans niveau : il n'a pas eu l'occasion de le
    voir."""

    fiche = models.ForeignKey(FicheTuteur, on_delete=models.CASCADE, related_name="avis")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="avis_tuteur")
    critere = models.ForeignKey(
        Critere, on_delete=models.PROTECT, null=True, blank=True, related_name="avis_tuteur"
    )
    niveau = models.ForeignKey(Niveau, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "avis du tuteur"
        verbose_name_plural = "avis des tuteurs"
        ordering = ["competence__ordre", "critere__ordre", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiche", "competence"], condition=Q(critere__isnull=True), name="avis_tuteur_unique"
            ),
            models.UniqueConstraint(
                fields=["fiche", "critere"],
                condition=Q(critere__isnull=False),
                name="avis_tuteur_par_critere",
            ),
        ]

    def __str__(self) -> str:
        return self.niveau.code if self.niveau else "pas vu"
