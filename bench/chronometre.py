"""Mesurer des gestes à tour de rôle : le bruit de la machine les touche tous, les rapports y résistent."""

import resource
import time
from collections.abc import Callable, Mapping
from statistics import median

from bench.tailles import Taille

Geste = Callable[[], object]


def durees(gestes: Mapping[str, Geste], taille: Taille) -> dict[str, list[float]]:
    """Durée moyenne d’un geste, en secondes, tour par tour ; un premier passage chauffe et ne compte pas."""
    for geste in gestes.values():
        geste()
        geste()
    releves: dict[str, list[float]] = {nom: [] for nom in gestes}
    for _ in range(taille.tours):
        for nom, geste in gestes.items():
            releves[nom].append(_duree_moyenne(geste, taille.secondes_par_tour))
    return releves


def rapport(releves: Mapping[str, list[float]], nom: str, etalon: str) -> float:
    """Médiane des rapports, chacun pris dans son tour."""
    return median(a / b for a, b in zip(releves[nom], releves[etalon], strict=True))


def processeur() -> float:
    """Secondes de processeur prises jusqu’ici par ce processus et par ses enfants terminés."""
    qui = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, qui))


def _duree_moyenne(geste: Geste, secondes: float) -> float:
    nombre, debut = 0, time.perf_counter()
    while (passe := time.perf_counter() - debut) < secondes or not nombre:
        geste()
        nombre += 1
    return passe / nombre
