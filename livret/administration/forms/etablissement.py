"""Formulaires de l'administration : établissement, années, promotions, classes, élèves."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from livret.administration.lecture.resultat import LigneEleve
from livret.administration.rapprochement import doute
from livret.personnes.identifiants import ine_normalise, uai_normalise
from livret.personnes.models.classe import AnneeScolaire, Classe, Promotion
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite
from livret.personnes.photo import PhotoEleve
from referentiel.models import Grille, Option, Referentiel, Statut
from trpm.base.modification import SansEcraser
from trpm.champs import DateField, liste
from trpm.dates import date_dite
from trpm.permissions import Role


class DansEtablissement(SansEcraser, forms.ModelForm):
    """Formulaire d'un objet de l'établissement ; ses contraintes d'unicité le comptent."""

    def __init__(self, *args: Any, etablissement: Etablissement, **options: Any) -> None:
        super().__init__(*args, **options)
        self.etablissement = etablissement
        self.instance.etablissement = etablissement

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"etablissement"}  # type: ignore[misc]


class UaiField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return uai_normalise(super().to_python(value) or "")


class MoisJourField(forms.CharField):
    """« 01/02 » à l'écran, « 02-01 » en base."""

    def prepare_value(self, value: Any) -> Any:
        mois, tiret, jour = (value or "").partition("-")
        return f"{jour}/{mois}" if tiret else value

    def to_python(self, value: Any) -> str:
        lu = super().to_python(value) or ""
        jour, barre, mois = lu.partition("/")
        return f"{mois.strip():0>2}-{jour.strip():0>2}" if barre else lu


class CouleurField(forms.CharField):
    widget = forms.TextInput(attrs={"type": "color", "class": "form-control-color"})

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").lower()


class EtablissementForm(SansEcraser, forms.ModelForm):
    uai = UaiField(
        label="UAI",
        validators=Etablissement.uai.field.validators[:1],
        help_text="Sept chiffres et une lettre, par exemple 0400740M.",
    )

    debut_du_second = MoisJourField(
        label="Début du second semestre",
        required=False,
        max_length=10,
        validators=Etablissement.debut_du_second.field.validators[:1],
        help_text="Jour et mois, par exemple 01/02. Un fait de ce jour-là est du second semestre.",
    )

    class Meta:
        model = Etablissement
        fields = [
            "uai",
            "nom",
            "adresse",
            "ville",
            "academie",
            "fuseau",
            "debut_du_second",
            "second_facteur",
            "familles",
            "noms_a_l_inspection",
            "couleur",
            "photos_d_eleves",
        ]
        widgets = {"adresse": forms.Textarea(attrs={"rows": 3})}
        field_classes = {"couleur": CouleurField}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["fuseau"].required = self.fields["couleur"].required = False
        self.en_place = {nom: getattr(self.instance, nom) for nom in ("fuseau", "debut_du_second", "couleur")}

    def clean(self) -> dict[str, Any]:
        """Un réglage laissé vide reste ce qu'il était."""
        donnees = super().clean() or self.cleaned_data
        for nom, valeur in self.en_place.items():
            donnees[nom] = donnees.get(nom) or valeur
        return donnees

    def save(self, commit: bool = True) -> Etablissement:
        """Fermer les photos les efface, dans le même envoi."""
        lieu: Etablissement = super().save(commit)
        if not lieu.photos_d_eleves:
            PhotoEleve.objects.filter(eleve__etablissement=lieu).delete()
        return lieu


class AnneeForm(forms.Form):
    debut = forms.IntegerField(
        label="Année de rentrée",
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
        help_text="2026 pour l’année scolaire 2026-2027.",
    )

    def save(self) -> AnneeScolaire:
        annee, _ = AnneeScolaire.objects.get_or_create(debut=self.cleaned_data["debut"])
        return annee


class OptionField(forms.ModelChoiceField):
    """L'option dit aussi la version du référentiel : on ne choisit qu'une fois."""

    def label_from_instance(self, option: Any) -> str:
        suite = "" if option.seule else f" : {option.code}, {option.intitule}"
        return f"{option.referentiel}{suite}"


def _nommee(grille: Grille) -> str:
    return f"{grille.referentiel}, {grille}"


class PromotionForm(DansEtablissement):
    option = OptionField(
        Option.objects.select_related("referentiel").order_by(
            "referentiel__code", "-referentiel__version", "ordre"
        ),
        label="Référentiel et option",
    )

    class Meta:
        model = Promotion
        fields = ["nom", "option", "grille", "session"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        grilles = liste(self, "grille")
        grilles.queryset = Grille.objects.select_related("referentiel").order_by("referentiel", "ordre", "pk")
        grilles.label_from_instance = _nommee  # type: ignore[method-assign,assignment]
        grilles.required = False
        grilles.help_text = "À choisir si le référentiel en a plusieurs, et aucune déjà en service ici."
        if self.instance.pk:
            del self.fields["grille"]

    def clean(self) -> dict[str, Any]:
        donnees = super().clean() or self.cleaned_data
        option = donnees.get("option")
        if option and self.instance.referentiel_id != option.referentiel_id:
            self.instance.referentiel = option.referentiel
            donnees["grille"] = self.instance.grille = self._grille(donnees.get("grille"), option.referentiel)
        return donnees

    def _grille(self, choisie: Grille | None, referentiel: Referentiel) -> Grille | None:
        """Celle que l'on choisit ; sinon la seule en service dans l'établissement, ou du référentiel."""
        if choisie:
            return choisie
        toutes = list(referentiel.grilles.all())
        promotions = self.etablissement.promotions.all()
        servies = list(referentiel.grilles.filter(promotions__in=promotions).distinct())
        for candidates in (servies, toutes):
            if len(candidates) == 1:
                return candidates[0]
        self.add_error(
            "grille" if "grille" in self.fields else "option",
            "Ce référentiel a plusieurs versions de grille : choisissez celle de la promotion.",
        )
        return None


class EquipeField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, compte: Any) -> str:
        return f"{compte.last_name} {compte.first_name}".strip() or compte.username


class ClasseForm(DansEtablissement):
    equipe = EquipeField(
        Utilisateur.objects.none(),
        label="Équipe pédagogique",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Seuls ces enseignants voient la classe et l’évaluent.",
    )
    niveau = forms.ChoiceField(
        label="Année du cycle", help_text="Le référentiel de la promotion dit lesquelles il y a."
    )

    class Meta:
        model = Classe
        fields = ["nom", "niveau", "annee", "promotion", "equipe"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        promotions = self.etablissement.promotions.select_related("referentiel")
        liste(self, "promotion").queryset = promotions
        annees = dict.fromkeys(
            annee for promotion in promotions for annee in promotion.referentiel.cycle.annees
        )
        if self.instance.niveau:
            annees[self.instance.niveau] = None
        choix = [("", "---------"), *((annee, annee) for annee in annees)]
        self.fields["niveau"].choices = choix  # type: ignore[attr-defined]
        enseignants = Utilisateur.objects.filter(
            appartenances__etablissement=self.etablissement, appartenances__role=Role.ENSEIGNANT
        )
        liste(self, "equipe").queryset = enseignants.filter(is_active=True).order_by(
            "last_name", "first_name", "username"
        )


class IneField(forms.CharField):
    """INE facultatif, en majuscules et sans espaces (Q41)."""

    def to_python(self, value: Any) -> str:
        return ine_normalise(super().to_python(value) or "")


class EleveForm(DansEtablissement):
    """La fiche d'un élève. À la création, une ressemblance avec un élève connu se confirme."""

    naissance = DateField(label="Date de naissance", required=False)
    ine = IneField(
        label="INE", required=False, max_length=11, help_text="Facultatif. Onze caractères, sans espaces."
    )

    class Meta:
        model = Eleve
        fields = ["nom", "prenom", "naissance", "ine", "promotion", "option", "statut", "numero_candidat"]

    def __init__(
        self, *args: Any, promotion: Promotion, classe: Classe | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.classe = classe
        if self.instance.pk:
            liste(self, "promotion").queryset = self.etablissement.promotions.filter(
                referentiel=promotion.referentiel_id
            )
        else:
            del self.fields["promotion"]
            self.instance.promotion = promotion
            self.initial.setdefault("option", promotion.option_id)
        liste(self, "option").queryset = Option.objects.filter(referentiel=promotion.referentiel_id)
        liste(self, "statut").queryset = Statut.objects.filter(referentiel=promotion.referentiel_id)
        liste(self, "option").empty_label = None
        if Statut.objects.filter(referentiel=promotion.referentiel_id).exists():
            self.fields["statut"].required, liste(self, "statut").empty_label = True, None
        else:
            del self.fields["statut"]

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if not self.instance.pk and not self.errors and (doutes := self._doutes(champs)):
            self._demander(doutes)
        return champs

    def _doutes(self, champs: dict[str, Any]) -> list[tuple[Eleve, str]]:
        """Les élèves de l'établissement qu'on pourrait prendre pour celui-ci, et pourquoi : la règle des
        listes importées. Deux requêtes."""
        ligne = LigneEleve(0, champs["nom"], champs["prenom"], champs["naissance"], champs["ine"] or "")
        connus = Eleve.objects.filter(etablissement=self.etablissement).select_related("promotion")
        inscrits = set(Scolarite.objects.filter(classe=self.classe).values_list("eleve", flat=True))
        motifs = ((un, doute(ligne, un, inscrit=un.pk in inscrits)) for un in connus)
        return [(un, motif) for un, motif in motifs if motif]

    def _demander(self, doutes: list[tuple[Eleve, str]]) -> None:
        donnees: Any = self.data
        recus = donnees.getlist("quand_meme")
        self.fields["quand_meme"] = forms.MultipleChoiceField(
            choices=[(str(un.pk), f"Ce n’est pas {_connu(un)}.") for un, _ in doutes],
            label="Créer quand même",
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        for un, motif in doutes:
            if str(un.pk) not in recus:
                self.add_error(
                    None,
                    f"{_connu(un)}, est déjà dans l’établissement\xa0: {motif}. Si c’est la même personne, "
                    "n’en créez pas une seconde\xa0: inscrivez-la depuis la page de la classe. Sinon, cochez "
                    "plus bas que ce n’est pas elle.",
                )


def _connu(eleve: Eleve) -> str:
    jour = f"naissance le {date_dite(eleve.naissance)}" if eleve.naissance else "naissance inconnue"
    return f"{eleve} ({jour}, {eleve.promotion})"


class EleveField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, eleve: Any) -> str:
        return f"{eleve} ({eleve.option})" if eleve.option.dite else str(eleve)


class InscriptionForm(forms.Form):
    """Met dans la classe des élèves de l'établissement qui n'y sont pas encore."""

    eleves = EleveField(Eleve.objects.none(), label="Élèves à inscrire")

    def __init__(self, *args: Any, classe: Classe, **options: Any) -> None:
        super().__init__(*args, **options)
        self.classe = classe
        liste(self, "eleves").queryset = (
            Eleve.objects.filter(promotion=classe.promotion_id, actif=True)
            .exclude(scolarites__classe=classe)
            .select_related("option")
        )

    def save(self) -> list[Scolarite]:
        return [
            Scolarite.objects.create(eleve=eleve, classe=self.classe) for eleve in self.cleaned_data["eleves"]
        ]


class SortieForm(forms.Form):
    """Date de sortie d'une classe."""

    sortie = DateField(label="Sorti le")

    def __init__(self, *args: Any, scolarite: Scolarite, **options: Any) -> None:
        super().__init__(*args, **options)
        self.scolarite = scolarite

    def clean_sortie(self) -> datetime.date:
        sortie: datetime.date = self.cleaned_data["sortie"]
        self.scolarite.classe.annee.exiger(sortie)
        return sortie


class RechercheForm(forms.Form):
    """Filtre d'une liste d'élèves."""

    q = forms.CharField(label="Nom, prénom ou INE", required=False)
    classe = forms.ModelChoiceField(Classe.objects.none(), required=False, empty_label="Toutes les classes")
    promotion = forms.ModelChoiceField(
        Promotion.objects.none(), required=False, empty_label="Toutes les promotions"
    )

    def __init__(self, *args: Any, etablissement: Etablissement, **options: Any) -> None:
        super().__init__(*args, **options)
        liste(self, "classe").queryset = etablissement.classes.select_related("annee")
        liste(self, "promotion").queryset = etablissement.promotions.all()

    def filtre(self, eleves: Any) -> Any:
        donnees = self.cleaned_data if self.is_valid() else {}
        if donnees.get("classe"):
            eleves = eleves.filter(scolarites__classe=donnees["classe"])
        if donnees.get("promotion"):
            eleves = eleves.filter(promotion=donnees["promotion"])
        return eleves.cherche(donnees.get("q", ""))
