"""Les champs de formulaire que plusieurs pièces partagent."""

from __future__ import annotations

from typing import Any, cast

from django import forms


class DateField(forms.DateField):
    """Date choisie au calendrier du navigateur, ou tapée à la française."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(
            widget=widget,
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            error_messages={"invalid": "Cette date est illisible ; écrivez par exemple 14/03/2008."},
            **options,
        )


def liste(formulaire: forms.BaseForm, nom: str) -> forms.ModelChoiceField:
    return cast(forms.ModelChoiceField, formulaire.fields[nom])
