"""Le dépôt de l'archive d'un élève, et la classe qu'il rejoint."""

from __future__ import annotations

from typing import Any

from django import forms

from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Etablissement
from livret.personnes.models.eleve import Eleve
from livret.transfert.arrivee import OCTETS_MAX
from trpm.champs import liste


class AccueilForm(forms.Form):
    fichier = forms.FileField(
        label="Archive de l’élève", error_messages={"required": "Choisissez un fichier."}
    )
    cle = forms.CharField(
        label="Clé de signature de l’établissement d’origine",
        max_length=60,
        help_text="Il la lit sur la page où il a préparé l’archive, et vous la dicte.",
    )
    classe = forms.ModelChoiceField(Classe.objects.none(), label="Classe rejointe", empty_label=None)
    fiche = forms.ModelChoiceField(
        Eleve.objects.none(),
        label="Fiche déjà ici",
        required=False,
        empty_label="aucune, ou celle du même INE",
    )

    def __init__(self, *args: Any, etablissement: Etablissement, **options: Any) -> None:
        super().__init__(*args, **options)
        classes = Classe.objects.filter(etablissement=etablissement, equipe__isnull=False).distinct()
        liste(self, "classe").queryset = classes.select_related(
            "annee", "promotion__referentiel", "etablissement"
        ).order_by("-annee__debut", "nom")
        liste(self, "fiche").queryset = Eleve.objects.filter(etablissement=etablissement)

    def clean_cle(self) -> str:
        lettres = "".join(self.cleaned_data["cle"].lower().split())
        return " ".join(lettres[rang : rang + 4] for rang in range(0, len(lettres), 4))

    def clean_fichier(self) -> bytes:
        fichier = self.cleaned_data["fichier"]
        if fichier.size > OCTETS_MAX:
            raise forms.ValidationError("Ce fichier dépasse 200 Mo.")
        octets: bytes = fichier.read()
        return octets


class FusionForm(forms.Form):
    """L'autre fiche, celle qui disparaîtra."""

    fondue = forms.ModelChoiceField(Eleve.objects.none(), label="L’autre fiche", empty_label=None)

    def __init__(self, *args: Any, gardee: Eleve, **options: Any) -> None:
        super().__init__(*args, **options)
        autres = Eleve.objects.filter(etablissement=gardee.etablissement_id).exclude(pk=gardee.pk)
        liste(self, "fondue").queryset = autres.select_related("promotion")
