"""Ce que l'on choisit avant de tirer une table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from referentiel.echelle import Echelle


class CorrespondanceForm(forms.Form):
    """Le degré que LSL Pro attend pour chaque niveau : visible, et modifiable (Q39)."""

    def __init__(self, echelle: Echelle | None, defaut: Mapping[int | None, str], data: Any = None) -> None:
        ecrits = data if data and any(nom.startswith("niveau-") for nom in data) else None
        super().__init__(ecrits)
        for degre in echelle.degres if echelle else ():
            self.fields[f"niveau-{degre.valeur}"] = forms.CharField(
                label=f"Niveau {degre.code}, {degre.libelle}", max_length=10, initial=defaut[degre.valeur]
            )
        self.fields["niveau-"] = forms.CharField(label="Non évaluée", max_length=10, initial=defaut[None])
        self.valeurs = {
            f"niveau-{degre.valeur}": degre.valeur for degre in (echelle.degres if echelle else ())
        }

    def degres(self) -> dict[int | None, str]:
        return {self.valeurs.get(nom): texte for nom, texte in self.cleaned_data.items()}
