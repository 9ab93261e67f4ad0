"""Ce que partagent les formulaires de la séance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model, QuerySet


def restreindre(form: forms.ModelForm, champ: str, choix: QuerySet[Any, Model]) -> None:
    form.fields[champ].queryset = choix  # type: ignore[attr-defined]
