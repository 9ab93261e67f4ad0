"""L'élève et sa scolarité."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from livret.annee import entree, rentree
from livret.personnes.alphabet import alphabetique
from livret.personnes.candidats import candidats_devant
from livret.personnes.homonymes import ListeDistinguee
from livret.personnes.identifiants import ine_normalise, plie
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Etablissement, Portee, Utilisateur
from livret.personnes.recherche import trouves
from referentiel.models import Option, Statut
from trpm.base.preparees import Petit
from trpm.permissions import Action
from trpm.textes import pluriel


class EleveQuerySet(ListeDistinguee, models.QuerySet["Eleve"]):
    def for_user(self, user: Utilisateur, action: Action) -> EleveQuerySet:
        """L'élève ne voit que lui ; l'enseignant, les élèves qu'il suit ; l'administrateur, ceux de son
        établissement ; une commission, ses candidats."""
        return self.lus(*cles_de_lecture(user, action))

    def lus_aussi_jadis(self, user: Utilisateur, action: Action) -> EleveQuerySet:
        """Avec ceux qu'il n'a suivis que dans une classe passée : à borner par `Scolarite.jusqu_au` (Q53)."""
        return self.lus_jadis(user.portee(action))

    def lus(self, annee: int | None, portee: Portee) -> EleveQuerySet:
        """La règle de `for_user`, dite par des clés ; sans `annee`, aucune classe n'est suivie."""
        if annee is None:
            return self._lus(Scolarite.objects.none(), portee)
        suivies = Scolarite.objects.enseignees(portee.equipes, portee.personne)
        return self._lus(suivies.courantes(annee), portee)

    def lus_jadis(self, portee: Portee) -> EleveQuerySet:
        """Celle de `lus_aussi_jadis`, de même."""
        return self._lus(Scolarite.objects.enseignees(portee.equipes, portee.personne), portee)

    def _lus(self, suivies: ScolariteQuerySet, portee: Portee) -> EleveQuerySet:
        return self.filter(
            Q(etablissement__in=portee.entiers)
            | Q(pk__in=suivies.values("eleve"))
            | Q(etablissement__in=portee.lui, utilisateur=portee.personne)
            | Q(pk__in=Eleve.objects.candidats(portee).values("pk"))
        )

    def devant(self, user: Utilisateur, action: Action) -> EleveQuerySet:
        """Les candidats des commissions où il siège ; hors commission, personne, sans requête."""
        return self.candidats(user.portee(action))

    def candidats(self, portee: Portee) -> EleveQuerySet:
        if not (portee.preside or portee.membre):
            return self.none()
        return self.filter(pk__in=candidats_devant(Eleve.objects.all(), portee).values("pk"))

    def presents(self, classe: Classe | int) -> EleveQuerySet:
        """Ceux qui sont dans cette classe et ne l'ont pas quittée."""
        return self.filter(scolarites__classe=classe, scolarites__sortie__isnull=True)

    def cherche(self, texte: str) -> EleveQuerySet:
        """Ceux dont le nom, le prénom ou l'INE contient chaque mot, sans égard aux accents."""
        if not plie(texte):
            return self
        return self.filter(pk__in=trouves(texte, self.order_by().values_list("pk", "nom", "prenom", "ine")))

    def observations_par_option(self) -> dict[int, dict[int, int]]:
        """Par élève puis par option de son diplôme, observations de détails propres à cette option."""
        comptes: dict[int, dict[int, int]] = {}
        lignes = (
            self.filter(observations__detaillee__option__referentiel=F("promotion__referentiel"))
            .order_by()
            .values_list("pk", "observations__detaillee__option")
            .annotate(models.Count("observations"))
        )
        for eleve, option, nombre in lignes:
            comptes.setdefault(eleve, {})[option] = nombre
        return comptes

    def figes(self, **sous: Any) -> EleveQuerySet:
        """Ceux dont un dossier de certification est figé ; `sous` : lequel."""
        return self.filter(
            dossiers__versions__isnull=False, dossiers__versions__rouverte_le__isnull=True, **sous
        ).distinct()

    def figes_ici(self) -> EleveQuerySet:
        """Ceux dont un dossier est figé dans le diplôme qu'ils préparent ; ceux d'avant n'engagent plus."""
        return self.figes(dossiers__epreuve__referentiel=F("promotion__referentiel"))


def annee_en_cours() -> Petit:
    return Petit(rentree(timezone.localdate()))


def cles_de_lecture(user: Utilisateur, action: Action) -> tuple[Petit | None, Portee]:
    """Ce que demande `EleveQuerySet.lus` : l'année en cours, pour qui suit des classes, et sa portée."""
    portee = user.portee(action)
    return annee_en_cours() if portee.equipes else None, portee


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


AGES = (12, 70)


class Eleve(models.Model):
    """Élève, apprenti ou stagiaire : la personne dont on tient le livret."""

    etablissement = models.ForeignKey(
        Etablissement, on_delete=models.PROTECT, related_name="eleves", db_index=False
    )
    promotion = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="eleves", verbose_name="promotion"
    )
    nom = models.CharField("nom", max_length=100)
    prenom = models.CharField("prénom", max_length=100)
    naissance = models.DateField("date de naissance", null=True, blank=True)
    ine = models.CharField("INE", max_length=11, null=True, blank=True)  # noqa: DJ001 : unique quand il existe
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="eleves", verbose_name="option")
    statut = models.ForeignKey(
        Statut,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="eleves",
        verbose_name="statut du candidat",
        help_text="Aucun si le référentiel n’en déclare pas.",
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

    precision = ""
    """Ce qui le distingue d'un homonyme de la même liste."""

    objects = EleveQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "élève"
        ordering = alphabetique()
        constraints = [
            models.UniqueConstraint(
                fields=["etablissement", "ine"],
                name="eleve_ine_unique",
                violation_error_message="Un autre élève de l’établissement porte déjà cet INE.",
            )
        ]

    @property
    def prenom_precise(self) -> str:
        """Le prénom d'une colonne à part, avec ce qui distingue un homonyme."""
        return f"{self.prenom}{self.precision}"

    def __str__(self) -> str:
        return f"{self.nom} {self.prenom}{self.precision}"

    def clean(self) -> None:
        self.ine = ine_normalise(self.ine or "") or None
        if not self.promotion_id:
            return
        self._verifier_la_naissance()
        if (
            self.statut_id is None
            and Statut.objects.filter(referentiel__promotions=self.promotion_id).exists()
        ):
            raise ValidationError({"statut": "Choisissez le statut du candidat."})
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
        if avant := Eleve.objects.filter(pk=self.pk).figes_ici().select_related("option", "statut").first():
            for champ in ("option", "statut"):
                if getattr(avant, f"{champ}_id") != getattr(self, f"{champ}_id"):
                    raise ValidationError({champ: avant.refus_fige(champ)})

    def _verifier_la_naissance(self) -> None:
        """De douze à soixante-dix ans l'année de l'entrée dans le cycle : au-delà, l'année est mal tapée."""
        if not self.naissance:
            return
        debut = entree(self.promotion.referentiel.cycle, self.promotion.session)
        age = debut - self.naissance.year
        if not AGES[0] <= age <= AGES[1]:
            dit = f"{age} ans" if age >= 0 else "pas encore né"
            raise ValidationError(
                {
                    "naissance": f"Cet élève aurait {dit} à l’entrée dans la formation, en "
                    f"{debut}\xa0: vérifiez l’année de naissance."
                }
            )

    def refus_fige(self, champ: str) -> str:
        """Un dossier figé porte l'option et le statut du candidat : ils attendent sa réouverture (Q14)."""
        etat = f"figé avec « {getattr(self, champ)} »"
        return f"Un dossier de {self} est {etat} : le président doit d’abord le rouvrir."

    def get_absolute_url(self) -> str:
        return reverse("livret:eleve", args=[self.pk])

    @property
    def nom_complet(self) -> str:
        return f"{self.prenom} {self.nom}{self.precision}"


class ScolariteQuerySet(ListeDistinguee, models.QuerySet["Scolarite"]):
    def for_user(self, user: Utilisateur, action: Action) -> ScolariteQuerySet:
        return self.filter(classe__in=Classe.objects.for_user(user, action))

    def de_l_equipe(self, user: Utilisateur, action: Action) -> ScolariteQuerySet:
        """Celles des classes où il enseigne, ou a enseigné."""
        _, equipes, personne = user.perimetre(action)
        return self.enseignees(equipes, personne)

    def enseignees(self, equipes: tuple[int, ...], personne: int | None) -> ScolariteQuerySet:
        return self.filter(classe__equipe=personne, classe__etablissement__in=equipes)

    def ouvertes(self) -> ScolariteQuerySet:
        return self.filter(sortie__isnull=True)

    def courantes(self, annee: int) -> ScolariteQuerySet:
        """Sans celles qu'une autre a suivies : une classe d'une année commencée depuis, ou celle où l'élève
        est passé en cours d'année. `annee` : celle de la rentrée, aujourd'hui."""
        siennes = Scolarite.objects.filter(eleve=OuterRef("eleve"))
        ensuite = siennes.filter(
            classe__annee__debut__gt=OuterRef("classe__annee__debut"),
            classe__annee__debut__lte=annee,
        )
        ailleurs = siennes.filter(
            Q(sortie__isnull=True) | Q(sortie__gt=OuterRef("sortie")),
            classe__annee=OuterRef("classe__annee"),
        )
        return self.exclude(Exists(ensuite)).exclude(Q(sortie__isnull=False) & Exists(ailleurs))

    def jusqu_au(self) -> datetime.date | None:
        """Le dernier jour passé dans ces classes ; `None` sans aucune. Une requête."""
        bornes = (une.sortie or une.classe.annee.dernier_jour for une in self.select_related("classe__annee"))
        return max(bornes, default=None)


class Scolarite(models.Model):
    """Passage d'un élève dans une classe. Une sortie se date, elle ne s'efface pas."""

    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="scolarites", db_index=False)
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

    @property
    def rang(self) -> tuple[int, bool, int]:
        """La plus grande est celle d'à présent : par année, non quittée, dernière venue."""
        return self.classe.annee.debut, self.sortie is None, self.pk

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
