"""Le carnet d'adresses, et où va l'élève."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import F, Max, Prefetch, QuerySet

from livret.personnes.identifiants import plie, siret_normalise, telephone_normalise
from livret.personnes.models.compte import Etablissement
from livret.pfmp.models.entreprise import Entreprise, EntrepriseQuerySet, Tuteur
from livret.pfmp.models.sejour import Sejour
from referentiel.reglement.tuteur import MotTuteur
from trpm.base.modification import SansEcraser
from trpm.champs import liste


class SiretField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return siret_normalise(super().to_python(value) or "")


class TelephoneField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return telephone_normalise(super().to_python(value) or "")


class EntrepriseForm(SansEcraser, forms.ModelForm):
    siret = SiretField(
        label="SIRET",
        required=False,
        validators=Entreprise.siret.field.validators[:1],
        help_text=Entreprise.siret.field.help_text,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    autre = forms.BooleanField(
        label="C’est une autre entreprise : l’ajouter quand même", required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = Entreprise
        fields = ["etablissement", "nom", "siret", "secteur", "adresse", "code_postal", "ville", "telephone"]
        field_classes = {"telephone": TelephoneField}

    def __init__(self, *args: Any, etablissements: Iterable[Etablissement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.semblables: list[Entreprise] = []
        choix = list(etablissements)
        liste(self, "etablissement").queryset = Etablissement.objects.filter(
            pk__in=[lieu.pk for lieu in choix]
        )
        if len(choix) == 1 or self.instance.pk:
            del self.fields["etablissement"]
            self.instance.etablissement = self.instance.etablissement if self.instance.pk else choix[0]

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"etablissement"}  # type: ignore[misc]

    def clean_siret(self) -> str | None:
        return self.cleaned_data["siret"] or None

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        lieu = champs.get("etablissement") or getattr(self.instance, "etablissement", None)
        if lieu:
            self._chercher_les_doubles(lieu.entreprises.exclude(pk=self.instance.pk), champs)
        return champs

    def _chercher_les_doubles(self, carnet: EntrepriseQuerySet, champs: dict[str, Any]) -> None:
        """Le même SIRET est refusé ; le même nom se confirme."""
        if siret := champs.get("siret"):
            self.semblables = list(carnet.filter(siret=siret))
        if self.semblables or champs.get("autre") or "nom" not in champs:
            return
        nom = plie(champs["nom"])
        homonymes = [entreprise for entreprise in carnet if plie(entreprise.nom) == nom]
        if homonymes and not (self.instance.pk and "nom" not in self.changed_data):
            self.semblables = homonymes
            self.fields["autre"].widget = forms.CheckboxInput()
            self.add_error("nom", "Une entreprise du carnet porte déjà ce nom.")


class TuteurForm(SansEcraser, forms.ModelForm):
    class Meta:
        model = Tuteur
        fields = ["nom", "fonction", "courriel", "telephone"]
        field_classes = {"telephone": TelephoneField}
        help_texts = {
            "courriel": "Vu de l’équipe et de l’administration seulement.",
            "telephone": "Vu de l’équipe et de l’administration seulement.",
        }

    def __init__(self, *args: Any, entreprise: Entreprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.entreprise = entreprise

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"entreprise"}  # type: ignore[misc]


@dataclass(frozen=True)
class PlaceEntreprise:
    """Une entreprise, et le tuteur si l'on sait lequel."""

    entreprise: int
    tuteur: int | None


def places(etablissement: Etablissement, mot: MotTuteur) -> dict[str, tuple[str, str, PlaceEntreprise]]:
    """Ce que l'on peut choisir dans une liste : clé, entreprise, libellé. Deux requêtes."""
    choix: dict[str, tuple[str, str, PlaceEntreprise]] = {}
    for entreprise in etablissement.entreprises.prefetch_related(Prefetch("tuteurs", _par_usage())):
        for tuteur in entreprise.tuteurs.all():
            libelle = f"{entreprise.nom} : {tuteur.nom}"
            choix[f"t{tuteur.pk}"] = (str(entreprise), libelle, PlaceEntreprise(entreprise.pk, tuteur.pk))
        libelle = f"{entreprise.nom}\xa0: {mot} à préciser"
        choix[f"e{entreprise.pk}"] = (str(entreprise), libelle, PlaceEntreprise(entreprise.pk, None))
    return choix


def _par_usage() -> QuerySet[Tuteur]:
    """Qui a reçu un élève le plus récemment d'abord : c'est lui que la liste propose."""
    dernier = Max("sejours__fin")
    return Tuteur.objects.annotate(dernier=dernier).order_by(F("dernier").desc(nulls_last=True), "nom", "pk")


def cle_place(sejour: Sejour) -> str:
    return f"t{sejour.tuteur_id}" if sejour.tuteur_id else f"e{sejour.entreprise_id}"


class PlaceField(forms.TypedChoiceField):
    """Entreprise et tuteur en une seule liste, groupée par entreprise."""

    def __init__(
        self,
        connues: dict[str, tuple[str, str, PlaceEntreprise]],
        vides: list[tuple[str, str]],
        **options: Any,
    ) -> None:
        groupes: dict[str, list[tuple[str, str]]] = {}
        for cle, (entreprise, libelle, _) in connues.items():
            groupes.setdefault(entreprise, []).append((cle, libelle))
        super().__init__(
            choices=[*vides, *groupes.items()],
            coerce=lambda cle: connues[cle][2] if cle in connues else cle,
            empty_value=None,
            widget=forms.Select({"class": "form-select"}),
            **options,
        )
