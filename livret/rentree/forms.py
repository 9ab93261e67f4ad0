"""La page du changement d'année : ce que chaque classe devient, ce que chaque élève fait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from livret.rentree.plan import (
    ATTEND,
    ISSUES,
    MONTE,
    PART,
    ChoixDeRentree,
    ClasseEntrante,
    ClassePassee,
    PlanDeRentree,
)


@dataclass(frozen=True)
class LigneDeRentree:
    """Une classe et ses champs ; `entrants` : les champs de la classe que prendraient les entrants."""

    passee: ClassePassee
    nom: forms.BoundField | None
    equipe: forms.BoundField | None
    groupes: forms.BoundField | None
    entrants: forms.BoundField | None
    entrants_nom: forms.BoundField | None
    eleves: tuple[tuple[Any, forms.BoundField], ...]

    @property
    def issue_commune(self) -> str:
        return MONTE if self.passee.niveau else PART

    @property
    def a_part(self) -> int:
        """Combien d'élèves ne font pas comme les autres."""
        return sum(champ.value() != self.issue_commune for _, champ in self.eleves)

    @property
    def en_faute(self) -> bool:
        return any(champ.errors for _, champ in self.eleves)

    @property
    def issues(self) -> dict[str, str]:
        return issues_de(self.passee)


def issues_de(passee: ClassePassee) -> dict[str, str]:
    return ISSUES if passee.niveau else {cle: dit for cle, dit in ISSUES.items() if cle != MONTE}


class RentreeForm(forms.Form):
    """Bâti sur le plan où tout est coché."""

    echelle = forms.BooleanField(label="Copier l’échelle de compétences", required=False, initial=True)
    progression = forms.BooleanField(label="Copier la progression", required=False, initial=True)
    empreinte = forms.CharField(required=False)

    def __init__(self, *args: Any, plan: PlanDeRentree, **options: Any) -> None:
        super().__init__(*args, **options)
        self.plan = plan
        self.entrantes = {une.modele.pk: une for une in plan.entrantes}
        for une in plan.classes:
            self._classe(une, une.classe.pk)
            if une.classe.niveau == une.classe.cycle.annees[0]:
                self._entrants(self.entrantes.get(une.classe.pk), une)
            for un in une.eleves:
                self.fields[f"eleve_{un.eleve.pk}"] = forms.ChoiceField(
                    label=str(un.eleve),
                    choices=list(issues_de(une).items()),
                    widget=forms.RadioSelect,
                    initial=MONTE if une.niveau else PART,
                    error_messages={"required": f"{un.eleve}\xa0: choisissez ce que fait l’élève."},
                )

    def _classe(self, une: ClassePassee, pk: int) -> None:
        if not une.niveau:
            return
        self.fields[f"nom_{pk}"] = forms.CharField(
            label=f"Nom de {une.classe} l’an prochain", max_length=40, initial=une.nom
        )
        self.fields[f"nom_{pk}"].widget.attrs["class"] = "form-control"
        self.fields[f"equipe_{pk}"] = forms.BooleanField(
            label="Reconduire l’équipe", required=False, initial=True
        )
        if une.groupes:
            self.fields[f"groupes_{pk}"] = forms.BooleanField(
                label="Refaire les groupes", required=False, initial=True
            )

    def _entrants(self, entrante: ClasseEntrante | None, une: ClassePassee) -> None:
        pk = une.classe.pk
        self.fields[f"entrants_{pk}"] = forms.BooleanField(
            label="Ouvrir la classe des entrants", required=False, initial=entrante is not None
        )
        self.fields[f"entrants_nom_{pk}"] = forms.CharField(
            label=f"Nom de la classe des entrants, sur le modèle de {une.classe}",
            max_length=40,
            required=False,
            initial=entrante.nom if entrante else une.classe.nom,
        )
        self.fields[f"entrants_nom_{pk}"].widget.attrs["class"] = "form-control"

    def choix(self) -> ChoixDeRentree:
        """Ce que la page a coché."""
        donnees = self.cleaned_data
        classes = [une.classe.pk for une in self.plan.classes]
        return ChoixDeRentree(
            noms={pk: donnees[f"nom_{pk}"] for pk in classes if donnees.get(f"nom_{pk}")},
            entrants={
                pk: donnees.get(f"entrants_nom_{pk}", "") for pk in classes if donnees.get(f"entrants_{pk}")
            },
            equipes=frozenset(pk for pk in classes if donnees.get(f"equipe_{pk}")),
            groupes=frozenset(pk for pk in classes if donnees.get(f"groupes_{pk}")),
            issues={
                un.eleve.pk: donnees.get(f"eleve_{un.eleve.pk}", ATTEND)
                for une in self.plan.classes
                for un in une.eleves
            },
            echelle=donnees["echelle"],
            progression=donnees["progression"],
        )

    @property
    def copies(self) -> tuple[forms.BoundField, forms.BoundField]:
        return self["echelle"], self["progression"]

    def lignes(self) -> Iterator[LigneDeRentree]:
        for une in self.plan.classes:
            noms = ("nom", "equipe", "groupes", "entrants", "entrants_nom")
            champs = {nom: self._champ(f"{nom}_{une.classe.pk}") for nom in noms}
            eleves = tuple((un.eleve, self[f"eleve_{un.eleve.pk}"]) for un in une.eleves)
            yield LigneDeRentree(une, eleves=eleves, **champs)

    def _champ(self, nom: str) -> forms.BoundField | None:
        return self[nom] if nom in self.fields else None
