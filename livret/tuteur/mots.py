"""Les niveaux dits avec des mots d'entreprise. Ces mots sont les nôtres : aucun texte ne les donne.

Module pur. Ils suivent l'échelle de la grille par le rang, et l'écran montre toujours les deux.
"""

from __future__ import annotations

from collections.abc import Sequence

PAS_VU = "NE"
MOT_PAS_VU = ("Pas vu", "l’occasion ne s’est pas présentée")
_QUATRE = (
    ("Pas encore", "le travail n’est pas fait, ou pas utilisable"),
    ("À revoir", "le travail est souvent à reprendre"),
    ("Correct", "le travail est bon, avec quelques reprises"),
    ("Bon", "on peut lui confier ce travail"),
)


def mots(libelles: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Un mot et son explication par niveau, du plus bas au plus haut. Une échelle qui n'a pas quatre
    niveaux garde ses propres libellés : nous n'avons de mots que pour quatre."""
    return _QUATRE if len(libelles) == len(_QUATRE) else tuple((libelle, "") for libelle in libelles)
