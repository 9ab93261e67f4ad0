"""Où en est un livret par rapport à l'échelle de sa promotion : en avance, attendu, en retard."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from livret.annee import semestre_du_cycle
from livret.personnes.models.classe import Classe
from livret.progression.attendu import Attentes, Position
from livret.synthese.ligne import LigneLivret
from livret.synthese.livrets import Livret, Tableau
from referentiel.echelle import Degre


@dataclass(frozen=True)
class Repere:
    """La position d'une compétence et le niveau attendu qui l'explique."""

    position: Position
    attendu: Degre | None


def semestre_de(classe: Classe, jour: datetime.date) -> int:
    """Semestre du cycle où en est une classe ce jour, ramené dans son année scolaire."""
    return semestre_du_cycle(classe.niveau, classe.annee.jour_proche(jour))


def reperes(livret: Livret, attentes: Attentes, semestre: int | None) -> dict[str, Repere]:
    """Repère de chaque compétence du livret, par code. Sans requête.

    `attentes` vient de `attentes_de([promotion])`, `semestre` de `semestre_de(classe, jour)` ou, sans
    classe, de `semestre_courant(promotion.session, jour)`.
    """
    return {
        ligne.code: Repere(
            attentes.position(ligne.code, ligne.valeur, semestre),
            livret.echelle.degre(attentes.attendu(ligne.code, semestre)),
        )
        for ligne in livret.lignes
    }


def rangees_situees(
    tableau: Tableau, attentes: dict[int, Attentes], semestre: int
) -> list[tuple[Livret, list[tuple[LigneLivret | None, Repere | None]]]]:
    """Le tableau d'une classe, chaque case avec son repère."""
    situees = []
    for livret, lignes in tableau.rangees:
        siens = reperes(livret, attentes.get(livret.eleve.promotion_id, Attentes()), semestre)
        situees.append((livret, [(ligne, siens[ligne.code] if ligne else None) for ligne in lignes]))
    return situees
