"""Les durées qu'un établissement change."""

from __future__ import annotations

from typing import Any

from django import forms

from livret.models import Etablissement
from trpm.base.modification import SansEcraser
from trpm.conservation.models import DureeReglee
from trpm.conservation.regles import regles


class DureesForm(SansEcraser, forms.Form):
    """Un nombre d'années par durée réglable ; celui du fichier des règles tant que rien n'est changé."""

    def __init__(self, *args: Any, etablissement: Etablissement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.etablissement = etablissement
        reglees = dict(etablissement.durees_reglees.values_list("code", "annees"))
        for code, duree in regles().durees.items():
            if duree.reglable:
                self.fields[code] = forms.IntegerField(
                    label=f"{duree.titre}, en années",
                    min_value=1,
                    max_value=50,
                    initial=reglees.get(code, duree.annees),
                    help_text=f"{duree.dite}\xa0: {duree.ensuite}.",
                )

    def save(self) -> None:
        for code, annees in self.cleaned_data.items():
            DureeReglee.objects.update_or_create(
                etablissement=self.etablissement, code=code, defaults={"annees": annees}
            )
