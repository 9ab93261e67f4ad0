"""Ce que l'on attend d'une compétence, semestre après semestre, et où l'on en est. Module pur.

Un niveau est ici sa valeur entière dans l'échelle ; `None` veut dire « inconnu », jamais zéro.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from livret.synthese.ligne import CaseTableau, LigneLivret
from referentiel.echelle import Degre, Echelle


class Position(Enum):
    """Où se trouve un niveau démontré par rapport au niveau attendu ; `value` est le mot affiché."""

    AVANCE = "en avance"
    ATTENDU = "attendu"
    RETARD = "en retard"
    NON_EVALUEE = "jamais évaluée"
    SANS_ATTENTE = "sans attente"

    @property
    def code(self) -> str:
        return self.name.lower().replace("_", "-")


class Vue(Enum):
    """Ce qu'un élève a montré d'une compétence détaillée."""

    JAMAIS = "jamais vue"
    UNE_FOIS = "vue une fois"
    PLUSIEURS_FOIS = "vue plusieurs fois"
    ATTEINTE = "attendu atteint"

    @property
    def code(self) -> str:
        return self.name.lower().replace("_", "-")


def vue(valeurs: Collection[int], attente: int | None) -> Vue:
    """État d'une compétence détaillée d'après les niveaux constatés, un par situation.

    Sans niveau attendu, rien n'est « atteint » : on ne sait que si elle a été vue.
    """
    if not valeurs:
        return Vue.JAMAIS
    if attente is not None and max(valeurs) >= attente:
        return Vue.ATTEINTE
    return Vue.UNE_FOIS if len(valeurs) == 1 else Vue.PLUSIEURS_FOIS


def attendu(attentes: Mapping[int, int], semestre: int) -> int | None:
    """Niveau attendu à un semestre : celui du dernier semestre renseigné qui ne le dépasse pas."""
    connus = [rang for rang in attentes if rang <= semestre]
    return attentes[max(connus)] if connus else None


def position(valeur: int | None, attente: int | None) -> Position:
    """Ne jamais avoir été évalué n'est pas être en retard : on n'en sait rien."""
    if attente is None:
        return Position.SANS_ATTENTE
    if valeur is None:
        return Position.NON_EVALUEE
    if valeur == attente:
        return Position.ATTENDU
    return Position.AVANCE if valeur > attente else Position.RETARD


@dataclass(frozen=True)
class Attentes:
    """L'échelle en vigueur d'une promotion : par code de compétence, et par détaillée si elle le précise."""

    competences: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    detaillees: Mapping[int, Mapping[int, int]] = field(default_factory=dict)

    def attendu(self, competence: str, semestre: int | None, detaillee: int = 0) -> int | None:
        """Niveau attendu ; une détaillée sans attente propre suit sa compétence."""
        if semestre is None:
            return None
        propre = attendu(self.detaillees.get(detaillee, {}), semestre)
        return attendu(self.competences.get(competence, {}), semestre) if propre is None else propre

    def position(
        self, competence: str, valeur: int | None, semestre: int | None, detaillee: int = 0
    ) -> Position:
        return position(valeur, self.attendu(competence, semestre, detaillee))


@dataclass(frozen=True)
class RepereEleve:
    """La position d'une compétence et le niveau attendu qui l'explique."""

    position: Position
    attendu: Degre | None


def reperes(
    lignes: Iterable[LigneLivret | CaseTableau], echelle: Echelle, attentes: Attentes, semestre: int | None
) -> dict[str, RepereEleve]:
    """Repère de chaque compétence d'un livret, par code.

    `attentes` vient de `attentes_de([promotion])`, `semestre` de `semestre_de(classe, jour)` ou, sans
    classe, de `semestre_courant(promotion.session, jour)`.
    """
    return {
        ligne.code: RepereEleve(
            attentes.position(ligne.code, ligne.valeur, semestre),
            echelle.degre(attentes.attendu(ligne.code, semestre)),
        )
        for ligne in lignes
    }
