"""Les niveaux que la démonstration attribue. Module pur et sans hasard.

Chaque nombre se déduit des noms en jeu : ajouter une situation ne change rien aux autres.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from math import floor

from livret.niveaux import suggestion

MAXIMUM = 3
PROGRES = 0.30
AFFINITE = 0.8
HUMEUR = 1.1


def tirage(*cles: str) -> float:
    """Nombre de [0, 1[ qui ne dépend que des clés."""
    return int.from_bytes(sha256("|".join(cles).encode()).digest()[:6]) / 2**48


def choix(phrases: Sequence[str], *cles: str) -> str:
    return phrases[int(tirage(*cles) * len(phrases))]


def niveau_detaillee(nom: str, aisance: float, semestre: int, scene: str, detaillee: str) -> int:
    """Niveau d'une compétence détaillée : l'aisance atteinte en fin de cycle, le chemin qui reste,
    un goût plus ou moins vif pour la compétence, et le jour."""
    attendu = aisance - PROGRES * (6 - semestre)
    gout = AFFINITE * (tirage(nom, detaillee.split(".")[0]) - 0.5)
    jour = HUMEUR * (tirage(nom, scene, detaillee) - 0.5)
    return min(MAXIMUM, max(0, floor(attendu + gout + jour + 0.5)))


def niveau_competence(nom: str, scene: str, competence: str, details: dict[str, int]) -> int | None:
    """Niveau retenu par l'enseignant : la suggestion, parfois relevée d'un cran (Q7)."""
    suggere = suggestion(details)
    if suggere is not None and suggere < MAXIMUM and tirage(nom, scene, competence, "équipe") < 0.07:
        return suggere + 1
    return suggere
