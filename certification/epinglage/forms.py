"""Le choix de la grille à mettre en service, et l'accord donné au vu de l'aperçu."""

from __future__ import annotations

from typing import Any

from django import forms

from livret.models import Promotion
from referentiel.models import Grille


class GrilleForm(forms.Form):
    """`apercu` : l'empreinte de ce que la page montrait quand on l'a accepté."""

    vers = forms.ModelChoiceField(
        Grille.objects.none(),
        label="Version de grille à mettre en service",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez une autre version de grille du même référentiel."},
    )
    apercu = forms.CharField(required=False)

    def __init__(self, data: Any = None, *, promotion: Promotion) -> None:
        super().__init__(data)
        siennes = Grille.objects.filter(referentiel=promotion.referentiel_id)
        autres = siennes.exclude(pk=promotion.grille_id).select_related("echelle").order_by("ordre", "pk")
        self.fields["vers"].queryset = autres  # type: ignore[attr-defined]
        self.fields["vers"].label_from_instance = _nommee  # type: ignore[attr-defined]


def _nommee(grille: Grille) -> str:
    return f"{grille}, échelle « {grille.echelle.intitule} »"
