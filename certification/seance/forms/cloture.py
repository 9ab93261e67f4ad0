"""Mettre fin à une commission."""

from django import forms


class ClotureForm(forms.Form):
    motif = forms.CharField(
        label="Pourquoi clore cette commission ?", max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
