"""La première période de PFMP de chaque classe : un intitulé et deux dates, sans entreprise encore."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from livret.personnes.models.classe import Classe
from livret.pfmp.forms.periode import PeriodeForm

INTITULE = "PFMP 1"


class PeriodesForm:
    """Un formulaire de période par classe, préfixé par elle ; ce qui est laissé sans date n'est pas prévu."""

    def __init__(self, data: Any = None, *, classes: Iterable[Classe]) -> None:
        self.is_bound = data is not None
        self.formulaires = [
            (classe, PeriodeForm(data, prefix=str(classe.pk), classe=classe, initial={"intitule": INTITULE}))
            for classe in classes
        ]
        for _, form in self.formulaires:
            form.empty_permitted, form.use_required_attribute = True, False
            for champ in form.champs_communs:
                champ.field.widget.attrs["class"] = "form-control"
                champ.help_text = ""  # dite une fois, au-dessus de la table

    @property
    def datees(self) -> list[PeriodeForm]:
        return [form for _, form in self.formulaires if {"debut", "fin"} & set(form.changed_data)]

    def is_valid(self) -> bool:
        """Toutes sont vérifiées, pour que la page dise toutes les fautes."""
        return not [form for form in self.datees if not form.is_valid()]

    @transaction.atomic
    def prevoir(self) -> int:
        return len([form.save() for form in self.datees])
