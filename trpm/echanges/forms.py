from __future__ import annotations

import datetime

from django import forms
from django.utils import timezone

from livret.models import Jeton
from trpm.champs import DateField

DUREE_MAX = datetime.timedelta(days=366)


class AbonnementForm(forms.Form):
    nom = forms.CharField(
        label="Où il servira", max_length=80, help_text="Par exemple\xa0: mon téléphone, l’agenda du lycée."
    )


class JetonForm(forms.Form):
    """À quoi il sert, ce qu'il permet, et jusqu'à quel jour inclus : un an au plus."""

    USAGES = [(un.value, un.label) for un in Jeton.Usage if un != Jeton.Usage.CALENDRIER]
    nom = forms.CharField(
        label="À quoi il servira", max_length=80, help_text="Le nom du programme, et qui s’en occupe."
    )
    usage = forms.ChoiceField(
        label="Il permet de", choices=USAGES, widget=forms.RadioSelect, initial="lecture"
    )
    jusqu_au = DateField(label="Jusqu’au")

    def clean_jusqu_au(self) -> datetime.date:
        jour: datetime.date = self.cleaned_data["jusqu_au"]
        if jour < timezone.localdate():
            raise forms.ValidationError("Cette date est passée\xa0: choisissez un jour à venir.")
        if jour > timezone.localdate() + DUREE_MAX:
            raise forms.ValidationError("Un jeton dure un an au plus\xa0: choisissez un jour plus proche.")
        return jour

    @property
    def expire_le(self) -> datetime.datetime:
        """À la fin du jour choisi."""
        return timezone.make_aware(
            datetime.datetime.combine(self.cleaned_data["jusqu_au"], datetime.time(23, 59, 59))
        )
