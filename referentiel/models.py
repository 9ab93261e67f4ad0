"""Le diplôme tel qu'il est publié. Il change avec un arrêté, jamais avec un établissement.

Un `Referentiel` est une version ; tout le reste y est rattaché et se lit par code. Les
pondérations et l'échelle appartiennent à une `Grille`, elle-même versionnée : quand la
grille nationale change, on en ajoute une autre à côté de celles qui ont déjà servi.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from django.db import models
from django.db.models import F, Q

from referentiel.arrondi import DEMI_SUPERIEUR, choix
from referentiel.diplome import (
    Bloc,
    Coefficient,
    Element,
    Epreuve,
    Modalite,
    Option,
    Referentiel,
    Repere,
    Statut,
    Voie,
    unicite_par_option,
)
from referentiel.imports import ImportReferentiel

__all__ = [
    "Activite",
    "Bloc",
    "Coefficient",
    "Competence",
    "Critere",
    "Correspondance",
    "Detaillee",
    "Echelle",
    "Element",
    "Epreuve",
    "Grille",
    "ImportReferentiel",
    "Indicateur",
    "IntituleActivite",
    "Modalite",
    "Niveau",
    "Option",
    "Poids",
    "Referentiel",
    "Repere",
    "Savoir",
    "Statut",
    "Tache",
    "Voie",
]


class Competence(Element):
    class Nature(models.TextChoices):
        TRANSVERSALE = "transversale", "transversale"
        SPECIFIQUE = "specifique", "spécifique"

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="competences", db_index=False)
    nature = models.CharField("nature", max_length=20, choices=Nature, blank=True)
    libelle = models.TextField(
        "libellé d’affichage", blank=True, help_text="Facultatif ; l’intitulé officiel reste imprimé."
    )

    class Meta(Element.Meta):
        verbose_name = "compétence"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="competence_unique")]


class DuReferentiel(models.Manager["Detaillee"]):
    """Les compétences détaillées ; un critère ne vient que si on le demande, par `Critere`."""

    def get_queryset(self) -> models.QuerySet[Detaillee]:
        return super().get_queryset().filter(grille__isnull=True)


class Detaillee(Element):
    """Compétence détaillée ; un second niveau se rattache par `parent`.

    Avec une `grille`, c'est un critère de cette grille (`Critere`) : il se note, se remarque et se prouve
    comme un détail, sans être du référentiel publié.
    """

    competence = models.ForeignKey(Competence, on_delete=models.CASCADE, related_name="detaillees")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="detaillees"
    )
    option = models.ForeignKey(
        Option, on_delete=models.CASCADE, null=True, blank=True, related_name="detaillees"
    )
    libelle = models.TextField("libellé d’affichage", blank=True)
    grille = models.ForeignKey(
        "Grille", on_delete=models.CASCADE, null=True, blank=True, related_name="criteres"
    )
    poids = models.DecimalField(
        "poids",
        max_digits=8,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Vide : autant que les autres. Nul : critère que la grille déclare non évalué.",
    )

    objects = DuReferentiel()

    class Meta(Element.Meta):
        verbose_name = "compétence détaillée"
        verbose_name_plural = "compétences détaillées"
        constraints = [
            *unicite_par_option("competence", "code", nom="detaillee", parmi=Q(grille__isnull=True)),
            *unicite_par_option("grille", "code", nom="critere", parmi=Q(grille__isnull=False)),
            models.CheckConstraint(
                condition=Q(poids__isnull=True) | Q(poids__gt=0) | Q(poids=0, grille__isnull=False),
                name="detaillee_poids",
                violation_error_message="Un poids est strictement positif ; seul un critère peut peser 0.",
            ),
            models.CheckConstraint(
                condition=Q(grille__isnull=True) | Q(parent__isnull=True),
                name="critere_sans_parent",
                violation_error_message="Un critère dépend d’une compétence, sans intermédiaire.",
            ),
        ]

    def concerne(self, option_id: int) -> bool:
        return self.option_id is None or self.option_id == option_id


def feuilles(detaillees: Iterable[Detaillee], option: int) -> set[int]:
    """Les plus fines de cette option : un élément qui a des détails n'en est pas un de plus."""
    siennes = [une for une in detaillees if une.concerne(option)]
    parents = {une.parent_id for une in siennes}
    return {une.pk for une in siennes if une.pk not in parents}


class DesGrilles(models.Manager["Critere"]):
    def get_queryset(self) -> models.QuerySet[Critere]:
        return super().get_queryset().filter(grille__positionne=Grille.Positionne.CRITERES)

    def evalues(self) -> models.QuerySet[Critere]:
        """Sans ceux que leur grille déclare non évalués."""
        return self.get_queryset().exclude(poids=0)


class Critere(Detaillee):
    """Critère d'évaluation d'une compétence, propre à une grille qui positionne des critères."""

    objects = DesGrilles()  # type: ignore[assignment,misc]

    class Meta:
        proxy = True
        ordering = ["ordre", "pk"]
        verbose_name = "critère"

    @property
    def facteur(self) -> Fraction:
        return Fraction(1) if self.poids is None else Fraction(self.poids)

    @property
    def identite(self) -> tuple[int, str, str, int | None]:
        """Le même d'une version de grille à l'autre : même compétence, mêmes code, mots et option."""
        return self.competence_id, self.code, self.intitule, self.option_id


class Indicateur(models.Model):
    """Indicateur de performance, attaché à une compétence ou à une compétence détaillée."""

    competence = models.ForeignKey(
        Competence, on_delete=models.CASCADE, null=True, blank=True, related_name="indicateurs"
    )
    detaillee = models.ForeignKey(
        Detaillee, on_delete=models.CASCADE, null=True, blank=True, related_name="indicateurs"
    )
    option = models.ForeignKey(
        Option, on_delete=models.CASCADE, null=True, blank=True, related_name="indicateurs"
    )
    code = models.CharField("code", max_length=30, blank=True)
    intitule = models.TextField("intitulé")
    poids = models.DecimalField("poids", max_digits=8, decimal_places=4, null=True, blank=True)
    ordre = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "indicateur de performance"
        verbose_name_plural = "indicateurs de performance"
        ordering = ["ordre", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(competence__isnull=False, detaillee__isnull=True)
                | Q(competence__isnull=True, detaillee__isnull=False),
                name="indicateur_un_seul_parent",
                violation_error_message="Un indicateur dépend d’une compétence ou d’une détaillée.",
            ),
            models.CheckConstraint(
                condition=Q(poids__isnull=True) | Q(poids__gte=0), name="indicateur_poids_positif"
            ),
        ]

    def __str__(self) -> str:
        return self.intitule


class Activite(Element):
    """Activité ; son intitulé peut varier avec l'option (`IntituleActivite`)."""

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="activites", db_index=False)
    bloc = models.ForeignKey(Bloc, on_delete=models.PROTECT, null=True, blank=True, related_name="activites")
    competences = models.ManyToManyField(Competence, related_name="activites", blank=True)

    class Meta(Element.Meta):
        verbose_name = "activité"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="activite_unique")]

    def intitule_pour(self, option: Option) -> str:
        """Intitulé officiel dans cette option (les `intitules` sont à précharger)."""
        propres = {variante.option_id: variante.intitule for variante in self.intitules.all()}
        return propres.get(option.pk, self.intitule)


class IntituleActivite(models.Model):
    activite = models.ForeignKey(Activite, on_delete=models.CASCADE, related_name="intitules", db_index=False)
    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="+")
    intitule = models.TextField("intitulé")

    class Meta:
        verbose_name = "intitulé d’activité"
        constraints = [
            models.UniqueConstraint(fields=["activite", "option"], name="intitule_activite_unique")
        ]

    def __str__(self) -> str:
        return self.intitule


class Tache(Element):
    activite = models.ForeignKey(Activite, on_delete=models.CASCADE, related_name="taches")
    option = models.ForeignKey(Option, on_delete=models.CASCADE, null=True, blank=True, related_name="taches")
    autonomie = models.PositiveSmallIntegerField("niveau d’autonomie", null=True, blank=True)

    class Meta(Element.Meta):
        verbose_name = "tâche"
        constraints = unicite_par_option("activite", "code", nom="tache")


class Savoir(Element):
    """Savoir associé ; il ne s'évalue jamais seul."""

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="savoirs", db_index=False)
    niveau = models.PositiveSmallIntegerField("niveau attendu", null=True, blank=True)
    competences = models.ManyToManyField(Competence, related_name="savoirs", blank=True)

    class Meta(Element.Meta):
        verbose_name = "savoir associé"
        verbose_name_plural = "savoirs associés"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="savoir_unique")]


class Echelle(Element):
    """Échelle de maîtrise des compétences : des niveaux ordonnés, chacun avec sa valeur."""

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="echelles", db_index=False)

    class Meta(Element.Meta):
        verbose_name = "échelle de maîtrise"
        verbose_name_plural = "échelles de maîtrise"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="echelle_unique")]


class Niveau(models.Model):
    """Niveau de maîtrise. « Non évalué » n'en est pas un : c'est l'absence de niveau (Q1)."""

    echelle = models.ForeignKey(Echelle, on_delete=models.CASCADE, related_name="niveaux", db_index=False)
    code = models.CharField("code", max_length=5, help_text="Ce que l’on tape dans la grille.")
    valeur = models.PositiveSmallIntegerField("valeur")
    libelle = models.CharField("libellé", max_length=80)
    symbole = models.CharField(
        "symbole", max_length=20, help_text="Disque dessiné : vide, quart, demi, plein…"
    )

    class Meta:
        verbose_name = "niveau de maîtrise"
        verbose_name_plural = "niveaux de maîtrise"
        ordering = ["valeur"]
        constraints = [
            models.UniqueConstraint(fields=["echelle", "code"], name="niveau_code_unique"),
            models.UniqueConstraint(fields=["echelle", "valeur"], name="niveau_valeur_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.libelle}"


class Grille(models.Model):
    """Version de grille : échelle, règle d'arrondi, bonus et pondérations (Q1 à Q4, Q11, Q12, Q46)."""

    class Positionne(models.TextChoices):
        COMPETENCES = "competences", "les compétences"
        CRITERES = "criteres", "les critères de chaque compétence"

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="grilles", db_index=False)
    version = models.CharField("version", max_length=30)
    intitule = models.CharField("intitulé", max_length=200)
    echelle = models.ForeignKey(Echelle, on_delete=models.PROTECT, related_name="grilles")
    positionne = models.CharField(
        "ce qu’elle positionne", max_length=15, choices=Positionne, default=Positionne.COMPETENCES
    )
    arrondi = models.CharField("arrondi", max_length=20, choices=choix, default=DEMI_SUPERIEUR.code)
    bonus_max = models.DecimalField("bonus maximal (points)", max_digits=4, decimal_places=2, default=0)
    seuil_couverture = models.PositiveSmallIntegerField(
        "seuil d’alerte de couverture (%)",
        default=50,
        help_text="Part des compétences détaillées à observer, ou des critères, en poids ; 0 la désactive.",
    )
    mention_ponderation = models.CharField("mention de la pondération", max_length=200, blank=True)
    source = models.TextField("source", blank=True)
    ordre = models.PositiveSmallIntegerField(
        "rang", default=0, help_text="L’ordre du fichier ; il ne met rien en service."
    )

    class Meta:
        verbose_name = "version de grille"
        verbose_name_plural = "versions de grille"
        ordering = ["-ordre", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["referentiel", "version"], name="grille_unique"),
            models.CheckConstraint(
                condition=Q(bonus_max__gte=0, bonus_max__lte=20), name="grille_bonus_borne"
            ),
            models.CheckConstraint(condition=Q(seuil_couverture__lte=100), name="grille_seuil_borne"),
        ]

    def __str__(self) -> str:
        return f"{self.intitule} ({self.version})"


class Poids(models.Model):
    """Rattachement d'une compétence à une épreuve dans une grille, pour une option ou toutes.

    Sans valeur sur toute l'épreuve, les compétences pèsent autant les unes que les autres.
    """

    grille = models.ForeignKey(Grille, on_delete=models.CASCADE, related_name="poids")
    epreuve = models.ForeignKey(Epreuve, on_delete=models.CASCADE, related_name="poids")
    competence = models.ForeignKey(Competence, on_delete=models.CASCADE, related_name="poids")
    option = models.ForeignKey(Option, on_delete=models.CASCADE, null=True, blank=True, related_name="poids")
    valeur = models.DecimalField("poids", max_digits=8, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = "poids"
        verbose_name_plural = "poids"
        ordering = ["epreuve__ordre", "competence__ordre"]
        constraints = [
            *unicite_par_option("grille", "epreuve", "competence", nom="poids"),
            models.CheckConstraint(
                condition=Q(valeur__isnull=True) | Q(valeur__gt=0),
                name="poids_positif",
                violation_error_message="Un poids est strictement positif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.epreuve.code} {self.competence.code} : {self.valeur}"

    @staticmethod
    def pour(option: Option, grille: Grille) -> models.QuerySet[Poids]:
        """Poids applicables à une option : les siens et ceux qui valent pour toutes."""
        return Poids.objects.filter(grille=grille).filter(
            Q(option=option) | Q(option__isnull=True), epreuve__referentiel=F("grille__referentiel")
        )


class Correspondance(models.Model):
    """Comment une grille lit un niveau d'une autre échelle ; sans elle, il n'y compte pas (Q47)."""

    grille = models.ForeignKey(Grille, models.CASCADE, related_name="correspondances", db_index=False)
    niveau = models.ForeignKey(Niveau, on_delete=models.CASCADE, related_name="correspondances")
    vers = models.ForeignKey(Niveau, on_delete=models.CASCADE, related_name="+", verbose_name="se lit")

    class Meta:
        verbose_name = "correspondance de niveaux"
        verbose_name_plural = "correspondances de niveaux"
        ordering = ["niveau__echelle__ordre", "niveau__valeur"]
        constraints = [models.UniqueConstraint(fields=["grille", "niveau"], name="correspondance_unique")]

    def __str__(self) -> str:
        return f"{self.niveau.code} → {self.vers.code}"
