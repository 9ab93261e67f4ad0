"""Le cadre d'un diplôme : sa version, ses options, ses voies, ses blocs et ses épreuves.

Le reste du référentiel s'y rattache ; tout se lit depuis `referentiel.models`.
"""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from referentiel.reglement.commission import ReglesCommission
from referentiel.reglement.cycle import Cycle


class Referentiel(models.Model):
    """Une version d'un référentiel de diplôme."""

    code = models.SlugField(
        "code", max_length=30, help_text="Sigle du diplôme, par exemple TRPM.", db_index=False
    )
    version = models.CharField("version", max_length=30)
    intitule = models.CharField("intitulé", max_length=300)
    identite = models.JSONField(
        "identité",
        default=dict,
        help_text="Texte légal, RNCP, NSF, première session… tels que publiés.",
    )
    annees = models.JSONField(
        "années du cycle", default=list, blank=True, help_text="Leurs noms, dans l’ordre ; vide si inconnues."
    )
    commission = models.JSONField(
        "règles de la commission", default=dict, blank=True, help_text="Ce que le règlement d’examen en dit."
    )
    anterieurs = models.JSONField(
        "diplômes antérieurs",
        default=list,
        blank=True,
        help_text="D’où viennent des élèves, et à quoi répondent leurs compétences ; montré, jamais compté.",
    )
    semaines_pfmp = models.PositiveSmallIntegerField("semaines de PFMP visées", null=True, blank=True)
    sources = models.JSONField(
        "sources", default=list, blank=True, help_text="Source de chaque groupe de données, et sa nature."
    )
    empreinte = models.CharField("empreinte du fichier importé", max_length=64, blank=True)
    importe_le = models.DateTimeField("importé le", auto_now=True)

    class Meta:
        verbose_name = "référentiel"
        ordering = ["code", "-version"]
        permissions = [
            ("gerer_referentiel_partage", "Changer un référentiel que plusieurs établissements utilisent")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"],
                name="referentiel_unique",
                violation_error_message="Cette version du référentiel existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def cycle(self) -> Cycle:
        return Cycle.des(self.annees)

    @property
    def regles(self) -> ReglesCommission:
        return ReglesCommission.des(self.commission)


class Element(models.Model):
    """Ce que partagent les éléments d'un référentiel : un code libre, un intitulé, un rang."""

    code = models.CharField("code", max_length=30)
    intitule = models.TextField("intitulé")
    ordre = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        abstract = True
        ordering = ["ordre", "pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.intitule}"


def unicite_par_option(*champs: str, nom: str, parmi: Q | None = None) -> list[models.BaseConstraint]:
    """Identité (parent, code, option ou aucune) : deux éléments peuvent partager un code
    s'ils relèvent d'options différentes (C7.3 RSP et C7.3 RMO). `parmi` : les seules lignes visées."""
    parmi = parmi or Q()
    message = "Ce code est déjà pris pour cette option."
    return [
        models.UniqueConstraint(
            fields=[*champs, "option"],
            condition=Q(option__isnull=False) & parmi,
            name=f"{nom}_par_option",
            violation_error_message=message,
        ),
        models.UniqueConstraint(
            fields=[*champs],
            condition=Q(option__isnull=True) & parmi,
            name=f"{nom}_commun",
            violation_error_message=message,
        ),
    ]


class Option(Element):
    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="options", db_index=False)
    code_scolarite = models.CharField("code scolarité", max_length=20, blank=True)
    seule = models.BooleanField(
        "seule", default=False, editable=False, help_text="Le diplôme n’a pas d’options : elle ne se dit pas."
    )

    class Meta(Element.Meta):
        verbose_name = "option"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="option_unique")]

    def __str__(self) -> str:
        return self.code

    @property
    def dite(self) -> str:
        """Son code, ou rien si le diplôme n'a pas d'options."""
        return "" if self.seule else self.code

    @property
    def mention(self) -> str:
        return "" if self.seule else f"option {self.code}"

    @property
    def mention_longue(self) -> str:
        return "" if self.seule else f"option {self.intitule} ({self.code})"


class Voie(Element):
    """Groupe de statuts de candidats, au sens de la fiche RNCP (R1, R2, R3)."""

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="voies", db_index=False)

    class Meta(Element.Meta):
        verbose_name = "voie"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="voie_unique")]


class Statut(Element):
    """Statut du candidat ; il détermine sa voie, donc le mode d'évaluation de chaque bloc."""

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="statuts", db_index=False)
    voie = models.ForeignKey(Voie, on_delete=models.PROTECT, related_name="statuts")
    lsl = models.BooleanField("tenu dans LSL Pro", default=False)

    class Meta(Element.Meta):
        verbose_name = "statut de candidat"
        verbose_name_plural = "statuts de candidat"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="statut_unique")]

    def __str__(self) -> str:
        return self.intitule


class Bloc(Element):
    """Bloc de compétences de la fiche RNCP."""

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="blocs", db_index=False)
    unite = models.CharField("unité", max_length=20, blank=True)
    facultatif = models.BooleanField("facultatif", default=False)

    class Meta(Element.Meta):
        verbose_name = "bloc de compétences"
        verbose_name_plural = "blocs de compétences"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="bloc_unique")]


class Modalite(models.Model):
    """Mode d'évaluation d'un bloc, ou d'une épreuve, pour une voie ; celui de l'épreuve l'emporte.

    Sans aucune ligne, le mode est inconnu (Q50) ; s'il y en a pour d'autres voies, le bloc n'est pas proposé.
    """

    bloc = models.ForeignKey(
        Bloc, on_delete=models.CASCADE, null=True, blank=True, related_name="modalites", db_index=False
    )
    epreuve = models.ForeignKey(
        "referentiel.Epreuve",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="modalites",
        db_index=False,
    )
    voie = models.ForeignKey(Voie, on_delete=models.CASCADE, related_name="modalites")
    ccf = models.BooleanField("contrôle en cours de formation")
    forme = models.CharField("forme", max_length=100, help_text="Par exemple « ponctuel oral et pratique ».")
    duree = models.CharField("durée", max_length=40, blank=True)

    class Meta:
        verbose_name = "modalité d’évaluation"
        verbose_name_plural = "modalités d’évaluation"
        constraints = [
            models.UniqueConstraint(fields=["bloc", "voie"], name="modalite_unique"),
            models.UniqueConstraint(fields=["epreuve", "voie"], name="modalite_d_epreuve_unique"),
            models.CheckConstraint(
                condition=Q(bloc__isnull=False, epreuve__isnull=True)
                | Q(bloc__isnull=True, epreuve__isnull=False),
                name="modalite_d_un_bloc_ou_d_une_epreuve",
                violation_error_message="Un mode d’évaluation est celui d’un bloc ou d’une épreuve.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.forme} ({self.duree})" if self.duree else self.forme


class Epreuve(Element):
    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="epreuves", db_index=False)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="sous_epreuves"
    )
    bloc = models.ForeignKey(Bloc, on_delete=models.PROTECT, null=True, blank=True, related_name="epreuves")
    unite = models.CharField("unité", max_length=20, blank=True)

    class Meta(Element.Meta):
        verbose_name = "épreuve"
        constraints = [models.UniqueConstraint(fields=["referentiel", "code"], name="epreuve_unique")]


class Coefficient(models.Model):
    epreuve = models.ForeignKey(Epreuve, models.CASCADE, related_name="coefficients", db_index=False)
    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="coefficients")
    valeur = models.DecimalField(
        "coefficient", max_digits=5, decimal_places=2, validators=[MinValueValidator(0)]
    )

    class Meta:
        verbose_name = "coefficient"
        constraints = [
            models.UniqueConstraint(fields=["epreuve", "option"], name="coefficient_unique"),
            models.CheckConstraint(condition=Q(valeur__gte=0), name="coefficient_positif"),
        ]

    def __str__(self) -> str:
        return f"{self.valeur.normalize():f}"


class Repere(models.Model):
    """Degré d'une échelle descriptive : autonomie des tâches, niveau des savoirs associés.

    Ce ne sont pas des niveaux de maîtrise : rien ne se calcule avec eux (DOMAINE.md, 2 et 3).
    """

    class Genre(models.TextChoices):
        AUTONOMIE = "autonomie", "autonomie dans la tâche"
        SAVOIR = "savoir", "niveau des savoirs associés"

    referentiel = models.ForeignKey(Referentiel, models.CASCADE, related_name="reperes", db_index=False)
    genre = models.CharField("genre", max_length=20, choices=Genre)
    valeur = models.PositiveSmallIntegerField("degré")
    intitule = models.TextField("intitulé")
    vise = models.BooleanField("visé par le diplôme", default=True)

    class Meta:
        verbose_name = "repère"
        ordering = ["genre", "valeur"]
        constraints = [
            models.UniqueConstraint(fields=["referentiel", "genre", "valeur"], name="repere_unique")
        ]

    def __str__(self) -> str:
        return f"{self.valeur} {self.intitule}"
