"""Ce qui est sorti d'une classe, et si cela a changé depuis."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

from livret.evaluation.depuis import NiveauChange, niveaux_changes
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.synthese.classeur import lignes_du
from livret.synthese.tableau import Tableau
from trpm.echanges.models import Sortie


@dataclass(frozen=True)
class SortieDeClasse:
    """La dernière fois ; `changee` : ce qui sortirait aujourd'hui n'est plus ce qui est sorti.

    `lignes` : les niveaux qui ont changé, s'il y en a.
    """

    derniere: Sortie
    changee: bool
    lignes: tuple[NiveauChange, ...]


def sortie_notee(classe: Classe, par: Utilisateur, genre: Sortie.Genre, tableau: Tableau) -> None:
    Sortie.noter(genre, classe.etablissement, par, _empreinte(tableau), classe)


def sorties_de_classe(classe: Classe, tableau: Tableau) -> dict[str, SortieDeClasse]:
    """Par genre. Une requête, et deux par genre qui a changé."""
    empreinte = _empreinte(tableau)
    eleves = [livret.eleve.pk for livret in tableau.livrets]
    sorties = {}
    for une in Sortie.objects.filter(classe=classe).select_related("par"):
        changee = une.empreinte != empreinte
        lignes = niveaux_changes(une.le, eleves) if changee else ()
        sorties[une.genre] = SortieDeClasse(une, changee, lignes)
    return sorties


def _empreinte(tableau: Tableau) -> str:
    return sha256(json.dumps(lignes_du(tableau), default=str).encode()).hexdigest()
