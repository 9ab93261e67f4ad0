"""Retenir ou écarter une situation."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict

from livret.situation.models.situation import Situation


class RetenueForm(forms.Form):
    """Retenir ou écarter une situation pour la certification : un acte explicite et motivé (Q8)."""

    REGLE, RETENIR, ECARTER = "", "oui", "non"

    decision = forms.ChoiceField(label="Décision de l’équipe", required=False, widget=forms.RadioSelect)
    motif = forms.CharField(label="Motif", max_length=300, required=False)

    def __init__(self, data: QueryDict | None = None, *, situation: Situation) -> None:
        valeur = {None: self.REGLE, True: self.RETENIR, False: self.ECARTER}[situation.retenue]
        super().__init__(data, initial={"decision": valeur, "motif": situation.retenue_motif})
        par_regle = situation.retenue_par_la_regle(*situation.classe.promotion.comptent)
        self.fields["decision"].choices = [  # type: ignore[attr-defined]
            (self.REGLE, f"Règle par défaut : {'retenue' if par_regle else 'non retenue'}"),
            (self.RETENIR, "Retenir pour la certification"),
            (self.ECARTER, "Ne pas retenir"),
        ]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if champs.get("decision") and not champs.get("motif"):
            self.add_error("motif", "Retenir ou écarter une situation demande un motif.")
        return champs

    @property
    def retenue(self) -> bool | None:
        return {self.REGLE: None, self.RETENIR: True, self.ECARTER: False}[self.cleaned_data["decision"]]
