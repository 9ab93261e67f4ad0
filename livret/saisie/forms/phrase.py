from __future__ import annotations

from typing import Any

from django import forms

from livret.personnes.models.compte import Utilisateur
from livret.saisie.phrase import PHRASES_MAX, Phrase


class PhraseForm(forms.ModelForm):
    class Meta:
        model = Phrase
        fields = ["texte"]
        error_messages = {
            "texte": {
                "required": "Écrivez d’abord la phrase.",
                "max_length": "Cette phrase compte %(show_value)d caractères, 300 au plus.",
            }
        }

    def __init__(self, *args: Any, auteur: Utilisateur, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.auteur = auteur

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"auteur"}  # type: ignore[misc]

    def clean_texte(self) -> str:
        """Une phrase tient sur une ligne."""
        return " ".join(self.cleaned_data["texte"].split())

    def clean(self) -> dict[str, Any]:
        siennes = Phrase.objects.for_user(self.instance.auteur)
        if self.instance.pk is None and siennes.count() >= PHRASES_MAX:
            raise forms.ValidationError(
                f"Votre banque est pleine ({PHRASES_MAX} phrases) : supprimez-en une."
            )
        return super().clean() or {}

    def save(self, commit: bool = True) -> Phrase:
        if self.instance.pk is None:
            self.instance.rang = Phrase.objects.for_user(self.instance.auteur).count()
        phrase: Phrase = super().save(commit)
        return phrase
