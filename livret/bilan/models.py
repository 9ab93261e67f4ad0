"""Le bilan intermédiaire : ce que l'équipe et l'élève se disent à une date, et l'entretien qui suit.

Les niveaux se figent quand le bilan est préparé ; tout le reste quand il est validé. Un bilan validé ne
change plus, y compris par les écritures que les « querysets » font en masse ; la base elle-même le refuse
(`declencheurs.py`). Une correction en fait une nouvelle version, et l'ancienne reste lisible (Q31).
"""

from __future__ import annotations

import datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from livret.personnes.alphabet import alphabetique
from livret.personnes.homonymes import ListeDistinguee
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Portee, Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite, annee_en_cours
from referentiel.reglement.cycle import SEMESTRES_AU_PLUS
from trpm.base.preparees import Petit
from trpm.permissions import Action

# Ce qu'une correction reprend de la version qu'elle corrige.
REPRIS = (
    *("eleve", "classe", "semestre", "date", "appreciation", "mots", "mots_par", "objectifs"),
    *("entretien_le", "entretien_avec", "convenu", "enseignant_present", "eleve_present"),
    *("contenu", "empreinte", "niveaux_pris_le"),
)


class BilanValide(ValidationError):
    """Écriture refusée : le bilan est validé."""

    def __init__(self) -> None:
        super().__init__(
            "Ce bilan est validé : plus rien ne s’y modifie. Une correction en fait une nouvelle version."
        )


class BilanQuerySet(ListeDistinguee, models.QuerySet["Bilan"]):
    def for_user(self, user: Utilisateur, action: Action) -> BilanQuerySet:
        """Préparer : l'équipe de la classe. Lire : aussi l'administrateur, et l'équipe qui suit l'élève
        ensuite ; une fois passée, elle n'a d'avant elle que les validés (Q53). L'élève n'a que les siens :
        validés pour les lire, préparés pour y écrire ses mots. Une commission lit les validés de ses
        candidats."""
        if action == Action.PREPARER_BILAN:
            return self.filter(classe__in=Classe.objects.for_user(user, action))
        if action == Action.ECRIRE_SES_MOTS:
            return self.filter(_siens(user.portee(action))).exclude(etat=Bilan.Etat.BROUILLON)
        return self.lus(*cles_de_lecture(user, action))

    def lus(self, annee: int | None, portee: Portee) -> BilanQuerySet:
        """La règle de lecture de `for_user`, dite par des clés ; sans `annee`, aucune classe n'est suivie."""
        lus = _siens(portee) | Q(eleve__in=Eleve.objects.candidats(portee))
        if annee is None:
            return self.filter(lus, etat=Bilan.Etat.VALIDE)
        personne = portee.personne if portee.equipes else None
        classes = Classe.objects.dans(portee.entiers, portee.equipes, personne)
        suivi = Scolarite.objects.filter(eleve=OuterRef("eleve"), classe__in=classes)
        encore = suivi.courantes(annee).filter(classe__annee__debut__gte=OuterRef("classe__annee__debut"))
        jadis = suivi.filter(classe__annee__debut__gt=OuterRef("classe__annee__debut"))
        return self.filter(
            Q(classe__in=classes) | Exists(encore) | (lus | Exists(jadis)) & Q(etat=Bilan.Etat.VALIDE)
        )

    def valides(self) -> BilanQuerySet:
        return self.filter(etat=Bilan.Etat.VALIDE)

    def ouverts(self) -> BilanQuerySet:
        return self.exclude(etat=Bilan.Etat.VALIDE)

    def courants(self) -> BilanQuerySet:
        """La dernière version de chacun, validée ou non."""
        return self.filter(correction__isnull=True)

    def en_vigueur(self) -> BilanQuerySet:
        """La dernière version validée de chacun."""
        corriges = Bilan.objects.valides().filter(corrige__isnull=False).values("corrige")
        return self.valides().exclude(pk__in=corriges)

    def verrouilles(self) -> BilanQuerySet:
        return self.select_for_update(of=("self",), no_key=True)

    def _refuser_si_valides(self) -> None:
        if self.valides().exists():
            raise BilanValide

    def update(self, **champs: Any) -> int:
        self._refuser_si_valides()
        return super().update(**champs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuser_si_valides()
        return super().delete()


def _siens(portee: Portee) -> Q:
    return Q(eleve__utilisateur=portee.personne, eleve__etablissement__in=portee.lui)


def cles_de_lecture(user: Utilisateur, action: Action) -> tuple[Petit | None, Portee]:
    """Ce que demande `BilanQuerySet.lus` : l'année en cours, pour qui suit des classes, et sa portée."""
    portee = user.portee(action)
    return annee_en_cours() if portee.entiers or portee.equipes else None, portee


class Bilan(models.Model):
    class Etat(models.TextChoices):
        BROUILLON = "brouillon", "brouillon"
        PREPARE = "prepare", "préparé"
        ENTRETIEN = "entretien", "entretien fait"
        VALIDE = "valide", "validé"

    PASSAGES: dict[Etat, tuple[Etat, ...]] = {
        Etat.BROUILLON: (Etat.PREPARE,),
        Etat.PREPARE: (Etat.ENTRETIEN, Etat.BROUILLON),
        Etat.ENTRETIEN: (Etat.VALIDE, Etat.PREPARE),
        Etat.VALIDE: (),
    }

    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="bilans", db_index=False)
    classe = models.ForeignKey(Classe, on_delete=models.PROTECT, related_name="bilans")
    semestre = models.PositiveSmallIntegerField(
        "semestre", validators=[MinValueValidator(1), MaxValueValidator(SEMESTRES_AU_PLUS)]
    )
    date = models.DateField("date du bilan")
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.BROUILLON)
    appreciation = models.TextField("appréciation de l’équipe", blank=True)
    mots = models.TextField("mots de l’élève", blank=True)
    mots_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    objectifs = models.TextField("objectifs de la période suivante", blank=True)
    entretien_le = models.DateField("date de l’entretien", null=True, blank=True)
    entretien_avec = models.ForeignKey(
        Utilisateur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entretiens",
        verbose_name="enseignant qui a mené l’entretien",
    )
    convenu = models.TextField("points convenus", blank=True)
    enseignant_present = models.BooleanField("l’enseignant était présent", default=False)
    eleve_present = models.BooleanField("l’élève était présent", default=False)
    contenu = models.TextField("instantané", blank=True, help_text="JSON canonique.")
    empreinte = models.CharField("empreinte SHA-256", max_length=64, blank=True)
    niveaux_pris_le = models.DateTimeField("niveaux pris le", null=True, blank=True)
    valide_le = models.DateTimeField("validé le", null=True, blank=True)
    valide_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    numero = models.PositiveSmallIntegerField("version", default=1)
    corrige = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="correction"
    )
    motif = models.CharField("motif de la correction", max_length=300, blank=True)
    auteur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    objects = BilanQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "bilan intermédiaire"
        verbose_name_plural = "bilans intermédiaires"
        ordering = [*alphabetique("eleve__"), "date", "numero"]
        constraints = [
            models.CheckConstraint(
                condition=Q(semestre__range=(1, SEMESTRES_AU_PLUS)), name="bilan_semestre"
            ),
            models.UniqueConstraint(
                fields=["eleve", "semestre", "date", "numero"],
                name="bilan_unique",
                violation_error_message="Cet élève a déjà un bilan de ce semestre à cette date.",
            ),
            models.UniqueConstraint(
                fields=["eleve", "semestre"],
                condition=~Q(etat="valide"),
                name="bilan_un_seul_en_cours",
                violation_error_message="Un bilan de ce semestre est déjà en cours pour cet élève.",
            ),
            models.CheckConstraint(
                condition=Q(etat="brouillon", contenu="")
                | (~Q(etat="brouillon") & ~Q(contenu="") & ~Q(appreciation="")),
                name="bilan_prepare",
                violation_error_message="Un bilan préparé porte ses niveaux et l’appréciation de l’équipe.",
            ),
            models.CheckConstraint(
                condition=Q(etat__in=["brouillon", "prepare"])
                | Q(
                    entretien_le__isnull=False,
                    entretien_avec__isnull=False,
                    enseignant_present=True,
                    eleve_present=True,
                ),
                name="bilan_entretien",
                violation_error_message=(
                    "Un entretien fait se date, et se tient en présence d’un enseignant et de l’élève."
                ),
            ),
            models.CheckConstraint(
                condition=Q(etat="valide", valide_le__isnull=False, valide_par__isnull=False)
                | (~Q(etat="valide") & Q(valide_le__isnull=True, valide_par__isnull=True)),
                name="bilan_valide",
            ),
            models.CheckConstraint(
                condition=Q(numero=1, corrige__isnull=True, motif="")
                | (Q(numero__gt=1, corrige__isnull=False) & ~Q(motif="")),
                name="bilan_correction_motivee",
                violation_error_message="Corriger un bilan validé demande un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"Bilan du semestre {self.semestre} : {self.eleve}"

    def clean(self) -> None:
        if self.classe_id:
            self.classe.annee.exiger_de(self, "date", "entretien_le")

    def get_absolute_url(self) -> str:
        return reverse("livret:bilan", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuser_si_valide()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuser_si_valide()
        if obstacle := self.obstacle_a_la_suppression():
            raise ValidationError(obstacle)
        return super().delete(*args, **kwargs)

    def _refuser_si_valide(self) -> None:
        """Se lit en base : ce que l'objet dit de lui-même ne suffit pas."""
        if self.pk and Bilan.objects.valides().filter(pk=self.pk).exists():
            raise BilanValide

    def obstacle_a_la_suppression(self) -> str:
        """Pourquoi il ne peut pas être supprimé ; vide s'il le peut."""
        if self.etat != self.Etat.BROUILLON or self.corrige_id:
            return "Seul un brouillon peut être supprimé."
        if self.appreciation or self.mots:
            return "Ce brouillon porte déjà un texte : il ne peut pas être supprimé."
        return ""

    @property
    def valide(self) -> bool:
        return self.etat == self.Etat.VALIDE

    @property
    def intact(self) -> bool:
        """L'instantané est, à l'octet près, celui dont l'empreinte a été prise."""
        return self.empreinte == (sha256(self.contenu.encode()).hexdigest() if self.contenu else "")

    @property
    def mots_de_sa_main(self) -> bool:
        """L'élève a écrit ses mots lui-même : l'équipe ne les récrit pas."""
        return bool(self.mots) and self.mots_par_id == self.eleve.utilisateur_id

    @property
    def attend_ses_mots(self) -> bool:
        return self.etat == self.Etat.PREPARE

    def suites(self) -> tuple[Etat, ...]:
        return self.PASSAGES[self.Etat(self.etat)]

    def manques(self, etat: str) -> list[str]:
        """Ce qu'il reste à écrire pour passer à cet état."""
        manques = []
        if etat != self.Etat.BROUILLON and not self.appreciation:
            manques.append("écrivez l’appréciation de l’équipe")
        if etat in (self.Etat.ENTRETIEN, self.Etat.VALIDE):
            faits = {
                "donnez la date de l’entretien": self.entretien_le,
                "dites quel enseignant l’a mené": self.entretien_avec_id,
                "marquez la présence de l’enseignant": self.enseignant_present,
                "marquez la présence de l’élève": self.eleve_present,
            }
            manques += [phrase for phrase, fait in faits.items() if not fait]
        return manques

    @property
    def etat_dit(self) -> str:
        """L'état dans une phrase : « le bilan est préparé », « est un brouillon »."""
        dits = {self.Etat.BROUILLON: "un brouillon", self.Etat.ENTRETIEN: "passé en entretien"}
        return dits.get(self.Etat(self.etat), self.get_etat_display())

    def passer(self, etat: str, contenu: str, par: Utilisateur, le: datetime.datetime) -> None:
        """Change l'état ; `ValidationError` dit ce qui manque. `contenu` : l'instantané de ce nouvel état."""
        voulu = dict(self.Etat.choices).get(etat, etat)
        if etat not in self.suites():
            raise ValidationError(
                f"Ce bilan est {self.etat_dit}\xa0: il ne peut pas devenir «\xa0{voulu}\xa0»."
            )
        if manques := self.manques(etat):
            raise ValidationError(f"Avant «\xa0{voulu}\xa0»\xa0: {' ; '.join(manques)}.")
        if self.etat == self.Etat.BROUILLON or etat == self.Etat.BROUILLON:
            self.niveaux_pris_le = le if contenu else None
        self.etat = etat
        self.sceller(contenu)
        if etat == self.Etat.VALIDE:
            self.valide_le, self.valide_par = le, par
        self.full_clean()
        self.save()

    def sceller(self, contenu: str) -> None:
        self.contenu = contenu
        self.empreinte = sha256(contenu.encode()).hexdigest() if contenu else ""

    def reprendre(self, contenu: str, le: datetime.datetime) -> None:
        """Prend de nouveau les niveaux, tant que le bilan n'est pas validé."""
        if self.etat not in (self.Etat.PREPARE, self.Etat.ENTRETIEN):
            raise ValidationError("Les niveaux se reprennent sur un bilan préparé et non validé.")
        self.sceller(contenu)
        self.niveaux_pris_le = le
        self.save()

    def corriger(self, motif: str, auteur: Utilisateur) -> Bilan:
        """Nouvelle version de ce bilan validé, à relire puis à valider ; celle-ci reste telle quelle."""
        if not self.valide:
            raise ValidationError("Ce bilan n’est pas validé : il se modifie sans correction.")
        if Bilan.objects.filter(corrige=self).exists():
            raise ValidationError("Ce bilan a déjà une version corrigée : reprenez la dernière.")
        correction = Bilan(
            **{champ: getattr(self, champ) for champ in REPRIS},
            etat=self.Etat.ENTRETIEN,
            numero=self.numero + 1,
            corrige=self,
            motif=motif.strip(),
            auteur=auteur,
        )
        correction.full_clean()
        correction.save()
        return correction

    def versions(self) -> list[Bilan]:
        """Les versions de ce bilan, de la première à la dernière, sans leur instantané. Une requête."""
        memes = Bilan.objects.filter(eleve=self.eleve_id, semestre=self.semestre, date=self.date)
        return list(memes.defer("contenu").select_related("auteur", "valide_par").order_by("numero"))
