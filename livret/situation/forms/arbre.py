"""L'arbre où l'on coche tâches et compétences, épreuve par épreuve."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from livret.personnes.models.eleve import Eleve
from livret.situation.colonnes import ColonneVisee, CompetenceVisee
from trpm.textes import entiers


@dataclass(frozen=True)
class ItemCoche:
    """Une case à cocher de l'arbre."""

    pk: int
    code: str
    intitule: str
    option: str
    coche: bool


@dataclass(frozen=True)
class BrancheCompetence:
    competence: ItemCoche
    detaillees: tuple[ItemCoche, ...]
    suggeree_par: str

    @property
    def ouverte(self) -> bool:
        return self.competence.coche or bool(self.cochees)

    @property
    def cochees(self) -> int:
        return sum(item.coche for item in self.detaillees)


@dataclass(frozen=True)
class BrancheEpreuve:
    """Une épreuve et ce qu'elle évalue ; hors épreuve, le code est vide."""

    code: str
    intitule: str
    competences: list[BrancheCompetence]

    @property
    def mobilisees(self) -> list[str]:
        """Codes des compétences de l'épreuve que mobilisent les tâches cochées."""
        return [branche.competence.code for branche in self.competences if branche.suggeree_par]


@dataclass(frozen=True)
class Prevue:
    """La grille que donnerait ce qui est coché : ses colonnes, ses élèves."""

    groupes: tuple[CompetenceVisee, ...]
    eleves: list[Eleve]

    @property
    def colonnes(self) -> list[ColonneVisee]:
        return [colonne for groupe in self.groupes for colonne in groupe.colonnes]


def item_coche(element: Any, coches: Collection[int]) -> ItemCoche:
    option = getattr(element, "option", None)
    return ItemCoche(
        element.pk, element.code, element.intitule, option.code if option else "", element.pk in coches
    )


def coches_lus(valeurs: Iterable[Any]) -> set[int]:
    """Les clés de ces objets, ou celles qu'un formulaire a reçues ; ce qui n'en est pas une s'oublie."""
    return entiers(getattr(valeur, "pk", valeur) for valeur in valeurs)
