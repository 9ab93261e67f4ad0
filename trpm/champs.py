"""Les champs de formulaire que plusieurs pièces partagent."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from trpm.textes import une_ligne

# Une vie et un diplôme y tiennent ; au-delà, ajouter un jour à une date n'en est plus une.
PREMIERE, DERNIERE = datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)


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


def installer() -> None:
    """Ce que tout champ promet, de quelque formulaire qu'il soit, sans que chacun le redise.

    Un champ d'une seule ligne rend une seule ligne ; une date est de ce temps, et supporte un jour de plus.
    """
    for classe, regle in ((forms.CharField, _en_une_ligne), (forms.DateField, _de_ce_temps)):
        classe.to_python = _suivi_de(classe.to_python, regle)  # type: ignore[method-assign]


def _suivi_de(lire: Callable[..., Any], regle: Callable[[forms.Field, Any], Any]) -> Callable[..., Any]:
    @wraps(lire)
    def lire_et_regler(champ: forms.Field, valeur: Any) -> Any:
        return regle(champ, lire(champ, valeur))

    return lire_et_regler


def _en_une_ligne(champ: forms.Field, lu: Any) -> Any:
    return une_ligne(lu) if isinstance(lu, str) and type(champ.widget) is forms.TextInput else lu


def _de_ce_temps(champ: forms.Field, lu: Any) -> Any:
    if lu is not None and not PREMIERE <= lu <= DERNIERE:
        raise ValidationError("Cette date est hors du possible\xa0: vérifiez l’année.", code="hors")
    return lu
