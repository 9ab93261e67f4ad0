"""Préparer le mode « postes » : les machines, ce que l'on y observe, qui y passe à quel tour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from livret.personnes.models.eleve import Eleve
from livret.situation.forms.arbre import BrancheCompetence, coches_lus, item_coche
from livret.situation.models.poste import TOURS_MAX, Affectation, Poste
from livret.situation.models.situation import Situation
from livret.situation.rotation import rotation
from trpm.base.modification import SansEcraser
from trpm.dates import date_dite


class PosteForm(SansEcraser, forms.ModelForm):
    class Meta:
        model = Poste
        fields = ["nom", "ordre", "competences", "detaillees"]

    def __init__(self, *args: Any, situation: Situation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.situation = situation
        self.visees: dict[str, list[Any]] = {
            "competences": list(situation.competences_visees()),
            "detaillees": list(situation.detaillees.select_related("option").order_by("ordre", "pk")),
        }
        for nom, choix in (
            ("competences", situation.competences_visees()),
            ("detaillees", situation.detaillees.all()),
        ):
            self.fields[nom].queryset = choix  # type: ignore[attr-defined]
            self.fields[nom].error_messages["invalid_choice"] = (
                "Une case cochée n’est plus visée par la situation : vérifiez les cases et recommencez."
            )

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"situation"}  # type: ignore[misc]

    def branches(self) -> list[BrancheCompetence]:
        """Ce que vise la situation, et ce qui en est coché pour ce poste."""
        competences, detaillees = (
            coches_lus(self[nom].value() or ()) for nom in ("competences", "detaillees")
        )
        return [
            BrancheCompetence(
                item_coche(competence, competences),
                tuple(
                    item_coche(detaillee, detaillees)
                    for detaillee in self.visees["detaillees"]
                    if detaillee.competence_id == competence.pk
                ),
                "",
            )
            for competence in self.visees["competences"]
        ]


class TirageForm(forms.Form):
    tours = forms.IntegerField(
        label="Nombre de tours", validators=[MinValueValidator(1), MaxValueValidator(TOURS_MAX)]
    )


@dataclass(frozen=True)
class PlaceDeRotation:
    """Une liste déroulante de la rotation : un élève, un tour, et le poste choisi."""

    eleve: Eleve
    tour: int
    poste: int | None

    @property
    def nom(self) -> str:
        return nom_de_place(self.eleve.pk, self.tour)


def nom_de_place(eleve: int, tour: int) -> str:
    return f"e{eleve}-{tour}"


Places = Mapping[tuple[int, int], int]
"""Le poste de chaque élève à chaque tour, par clés."""


class RotationForm(SansEcraser, forms.Form):
    """Le poste de chaque élève à chaque tour."""

    def __init__(
        self,
        *args: Any,
        situation: Situation,
        postes: list[Poste],
        eleves: list[Eleve],
        places: Places,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.situation, self.postes, self.eleves = situation, postes, eleves
        self.places = dict(places)
        self.enregistrees = sorted(self.places.items())

    lie_dit = "la rotation, qui est maintenant celle de sa page"

    def etat_lie(self) -> object:
        return self.enregistrees

    def clean(self) -> dict[str, Any]:
        """Ce qui se lit est gardé, même quand le reste est refusé."""
        connus = {str(poste.pk): poste.pk for poste in self.postes}
        self.places = {}
        for eleve in self.eleves:
            for tour in range(1, TOURS_MAX + 1):
                brut = str(self.data.get(nom_de_place(eleve.pk, tour), ""))
                if brut in connus:
                    self.places[eleve.pk, tour] = connus[brut]
                elif brut:
                    self.add_error(
                        None, f"{eleve}, tour {tour} : ce poste n’existe plus, choisissez-en un autre."
                    )
        return self.cleaned_data

    @property
    def tours(self) -> int:
        return max((tour for _, tour in self.places), default=0)

    @property
    def numeros(self) -> range:
        """Les tours, et une colonne vide pour en ajouter un."""
        return range(1, min(self.tours + 1, TOURS_MAX) + 1)

    @property
    def rangees(self) -> list[tuple[Eleve, list[PlaceDeRotation]]]:
        return [
            (
                eleve,
                [PlaceDeRotation(eleve, tour, self.places.get((eleve.pk, tour))) for tour in self.numeros],
            )
            for eleve in self.eleves
        ]

    def proposer(self, tours: int) -> None:
        """Remplit les listes d'une rotation circulaire, sans rien enregistrer."""
        tiree = rotation([eleve.pk for eleve in self.eleves], [poste.pk for poste in self.postes], tours)
        self.places = dict(tiree)

    def save(self) -> None:
        """À appeler sous le verrou de la situation."""
        self.situation.affectations.filter(eleve__in=self.eleves).delete()
        Affectation.objects.bulk_create(
            Affectation(situation=self.situation, eleve_id=eleve, tour=tour, poste_id=poste)
            for (eleve, tour), poste in self.places.items()
        )


class SourceField(forms.ModelChoiceField):
    def label_from_instance(self, situation: Any) -> str:
        jour = date_dite(situation.debut)
        return f"{situation.intitule} ({situation.classe.nom}, {jour})"


class CopieForm(forms.Form):
    source = SourceField(
        Situation.objects.none(),
        label="Situation à reprendre",
        empty_label="Choisissez une situation",
        error_messages={"required": "Choisissez la situation dont reprendre les postes."},
    )

    def __init__(self, *args: Any, sources: QuerySet[Situation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = sources  # type: ignore[attr-defined]
