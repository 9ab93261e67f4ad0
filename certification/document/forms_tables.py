"""Ce que l'on choisit avant de tirer une table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from referentiel.echelle import Degre, Echelle


class CorrespondanceForm(forms.Form):
    """Le degré que LSL Pro attend pour chaque niveau de chaque échelle : visible, et modifiable (Q39)."""

    def __init__(
        self, echelles: Sequence[Echelle], defaut: Mapping[Degre | None, str], data: Any = None
    ) -> None:
        ecrits = data if data and any(nom.startswith("niveau-") for nom in data) else None
        super().__init__(ecrits)
        self.niveaux = {
            f"niveau-{rang or ''}{'-' if rang else ''}{degre.valeur}": degre
            for rang, echelle in enumerate(echelles)
            for degre in echelle.degres
        }
        for nom, degre in self.niveaux.items():
            self.fields[nom] = forms.CharField(
                label=f"Niveau {degre.code}, {degre.libelle}", max_length=10, initial=defaut[degre]
            )
        self.fields["niveau-"] = forms.CharField(label="Non évaluée", max_length=10, initial=defaut[None])

    def degres(self) -> dict[Degre | None, str]:
        return {self.niveaux.get(nom): texte for nom, texte in self.cleaned_data.items()}
