"""Ce que l'on cherche dans le journal."""

from django import forms

from trpm.champs import DateField
from trpm.journal.models import ActeNote


class JournalForm(forms.Form):
    q = forms.CharField(label="Personne", required=False, max_length=100)
    nature = forms.ChoiceField(label="Acte", required=False, choices=[("", "tous"), *ActeNote.Nature.choices])
    du = DateField(label="Du", required=False)
    au = DateField(label="Au", required=False)
