from __future__ import annotations

from django import forms


class AbonnementForm(forms.Form):
    nom = forms.CharField(
        label="Où il servira", max_length=80, help_text="Par exemple\xa0: mon téléphone, l’agenda du lycée."
    )
