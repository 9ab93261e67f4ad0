"""Le dépôt de l'archive d'un élève, puis la classe qu'il rejoint."""

from __future__ import annotations

from typing import Any

from django import forms

from livret.administration.forms.changement import ClasseRejointeField
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Etablissement
from livret.personnes.models.eleve import Eleve
from livret.transfert.arrivee import OCTETS_MAX
from livret.transfert.reprise import ChoixDAccueil
from referentiel.models import Statut
from trpm.champs import liste


class ArchiveRecueForm(forms.Form):
    fichier = forms.FileField(
        label="Archive de l’élève", error_messages={"required": "Choisissez un fichier."}
    )
    cle = forms.CharField(
        label="Clé de signature de l’établissement d’origine",
        max_length=60,
        help_text="Il la lit sur la page où il a préparé l’archive, et vous la dicte.",
    )

    def clean_cle(self) -> str:
        lettres = "".join(self.cleaned_data["cle"].lower().split())
        return " ".join(lettres[rang : rang + 4] for rang in range(0, len(lettres), 4))

    def clean_fichier(self) -> bytes:
        fichier = self.cleaned_data["fichier"]
        if fichier.size > OCTETS_MAX:
            raise forms.ValidationError("Ce fichier dépasse 200 Mo.")
        octets: bytes = fichier.read()
        return octets


class AccueilForm(forms.Form):
    """`apercu` : l'empreinte de ce que la page montrait."""

    classe = ClasseRejointeField(Classe.objects.none(), label="Classe rejointe", required=False)
    fiche = forms.ModelChoiceField(
        Eleve.objects.none(),
        label="Sa fiche, s’il est déjà ici",
        required=False,
        empty_label="celle du même INE, ou une nouvelle",
    )
    statut = forms.ModelChoiceField(
        Statut.objects.none(),
        label="Statut dans le diplôme rejoint",
        required=False,
        empty_label="le même, s’il y existe",
    )
    apercu = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, etablissement: Etablissement, **options: Any) -> None:
        super().__init__(*args, **options)
        classes = etablissement.classes.filter(equipe__isnull=False).distinct()
        champ = liste(self, "classe")
        champ.empty_label = "reste où il est, s’il est déjà ici"
        champ.queryset = classes.select_related(
            "annee", "promotion__referentiel", "promotion__option", "etablissement"
        ).order_by("-annee__debut", "nom")
        liste(self, "fiche").queryset = Eleve.objects.filter(etablissement=etablissement)
        statuts = Statut.objects.filter(referentiel__promotions__in=etablissement.promotions.all())
        liste(self, "statut").queryset = statuts.distinct()

    def choix(self) -> ChoixDAccueil:
        dit = self.cleaned_data
        return ChoixDAccueil(dit["classe"], dit["fiche"], dit["statut"])


class FusionForm(forms.Form):
    """L'autre fiche, celle qui disparaîtra ; `apercu` : l'empreinte de ce que la page montrait."""

    fondue = forms.ModelChoiceField(Eleve.objects.none(), label="L’autre fiche", empty_label=None)
    apercu = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, gardee: Eleve, **options: Any) -> None:
        super().__init__(*args, **options)
        autres = Eleve.objects.filter(etablissement=gardee.etablissement_id).exclude(pk=gardee.pk)
        liste(self, "fondue").queryset = autres.select_related("promotion")
