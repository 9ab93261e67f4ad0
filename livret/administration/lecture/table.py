"""Une table telle qu'elle est dans le fichier : des rangs numérotés, sans encore savoir ce qu'ils disent."""

from __future__ import annotations

from dataclasses import dataclass, field

from livret.administration.lecture.cellules import Cellule
from livret.administration.lecture.resultat import FichierIllisible

OCTETS_MAX = 8 * 1024 * 1024
OCTETS_DEPLIES_MAX = 40 * 1024 * 1024
ENTREES_MAX = 2_000
LIGNES_MAX = 3000
RANGS_MAX = 20_000
LIGNES_AVANT_ENTETE = 15


@dataclass
class Table:
    nom: str = ""
    rangs: list[tuple[int, list[Cellule]]] = field(default_factory=list)
    visible: bool = True
    balises: bool = False
    """Un export XML : ses colonnes ne se désignent pas."""
    separateur: str = ""
    remarques: list[tuple[int, str]] = field(default_factory=list)


def trop_de_lignes() -> FichierIllisible:
    return FichierIllisible(
        "Le fichier compte plus de 3\xa0000 lignes\xa0: exportez une ou quelques divisions à la fois."
    )


def trop_lourd() -> FichierIllisible:
    return FichierIllisible("Ce fichier contient trop de données\xa0: n’y gardez que la liste des élèves.")
