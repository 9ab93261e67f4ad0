"""Composer les groupes d'une classe : les nommer, les répartir, y mettre les élèves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Eleve
from livret.situation.models.groupe import Groupe
from trpm.base.modification import SansEcraser
from trpm.textes import entiers, pluriel

GROUPES_MAX = 12


class GroupeForm(SansEcraser, forms.ModelForm):
    class Meta:
        model = Groupe
        fields = ["nom"]

    def __init__(self, *args: Any, classe: Classe, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.classe = classe

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"classe", "archive_le"}  # type: ignore[misc]


class RepartitionForm(forms.Form):
    nom = forms.CharField(label="Nom commun", max_length=38, initial="Demi-classe")
    nombre = forms.IntegerField(label="Nombre de groupes", min_value=2, max_value=GROUPES_MAX, initial=2)

    def __init__(self, *args: Any, classe: Classe, eleves: list[Eleve], **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "repartir_%s")
        super().__init__(*args, **kwargs)
        self.classe, self.eleves = classe, eleves

    def clean_nombre(self) -> int:
        nombre: int = self.cleaned_data["nombre"]
        if nombre > len(self.eleves):
            raise ValidationError(
                f"{nombre} groupes pour {len(self.eleves)} élève{pluriel(len(self.eleves))} : "
                "choisissez-en moins."
            )
        return nombre

    def save(self) -> list[Groupe]:
        """`ValidationError` si un nom est pris."""
        return Groupe.repartir(
            self.classe, self.eleves, self.cleaned_data["nom"], self.cleaned_data["nombre"]
        )


@dataclass(frozen=True)
class Coche:
    groupe: Groupe
    coche: bool


class CompositionForm(forms.Form):
    """Une case par élève et par groupe. Seul ce qui a changé depuis l'affichage est écrit : deux personnes
    qui composent en même temps ne défont pas l'une ce que fait l'autre."""

    def __init__(self, *args: Any, groupes: Sequence[Groupe], eleves: Sequence[Eleve], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groupes, self.eleves = groupes, eleves
        choix = [(eleve.pk, str(eleve)) for eleve in eleves]
        for groupe in groupes:
            membres = {eleve.pk for eleve in groupe.eleves.all()}
            presents = [pk for pk, _ in choix if pk in membres]
            self.fields[f"g{groupe.pk}"] = forms.TypedMultipleChoiceField(
                label=groupe.nom,
                choices=choix,
                coerce=int,
                required=False,
                initial=presents,
                error_messages={
                    "invalid_choice": f"{groupe} : un élève coché n’est pas, ou n’est plus, dans la classe."
                },
            )
            self.fields[f"vu-{groupe.pk}"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=" ".join(map(str, presents))
            )

    def _coches(self, groupe: Groupe) -> set[int]:
        return entiers(self[f"g{groupe.pk}"].value() or ())

    @property
    def colonnes(self) -> list[tuple[Groupe, int, forms.BoundField]]:
        """Chaque groupe, son effectif et le témoin de ce qui était affiché."""
        presents = {eleve.pk for eleve in self.eleves}
        return [
            (groupe, len(self._coches(groupe) & presents), self[f"vu-{groupe.pk}"]) for groupe in self.groupes
        ]

    @property
    def rangees(self) -> list[tuple[Eleve, list[Coche]]]:
        coches = [(groupe, self._coches(groupe)) for groupe in self.groupes]
        return [
            (eleve, [Coche(groupe, eleve.pk in membres) for groupe, membres in coches])
            for eleve in self.eleves
        ]

    def save(self) -> None:
        for groupe in self.groupes:
            voulus = set(self.cleaned_data[f"g{groupe.pk}"])
            vus = entiers(self.cleaned_data[f"vu-{groupe.pk}"].split())
            groupe.eleves.add(*voulus - vus)
            groupe.eleves.remove(*vus - voulus)
