from __future__ import annotations

import datetime

from django import forms
from django.utils import timezone

from trpm.champs import DateField

DUREE_MAX = datetime.timedelta(days=90)


class AccesJuryForm(forms.Form):
    """À qui, et jusqu'à quel jour inclus : trois mois au plus, un accès n'étant ouvert que pour un temps."""

    destinataire = forms.CharField(
        label="Donné à", max_length=150, help_text="La personne du jury qui s’en servira."
    )
    jusqu_au = DateField(label="Jusqu’au")

    def clean_jusqu_au(self) -> datetime.date:
        jour: datetime.date = self.cleaned_data["jusqu_au"]
        aujourdhui = timezone.localdate()
        if jour < aujourdhui:
            raise forms.ValidationError("Cette date est passée : choisissez un jour à venir.")
        if jour > aujourdhui + DUREE_MAX:
            raise forms.ValidationError("Un accès dure trois mois au plus : choisissez un jour plus proche.")
        return jour

    @property
    def expire_le(self) -> datetime.datetime:
        """À la fin du jour choisi."""
        fin_du_jour = datetime.datetime.combine(self.cleaned_data["jusqu_au"], datetime.time(23, 59, 59))
        return timezone.make_aware(fin_du_jour)
