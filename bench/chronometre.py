"""Mesurer des gestes à tour de rôle : le bruit de la machine les touche tous, les rapports y résistent."""

import resource
import time
from collections.abc import Callable, Mapping
from statistics import median

from bench.tailles import Taille

Geste = Callable[[], object]


def durees(gestes: Mapping[str, Geste], taille: Taille) -> dict[str, list[float]]:
    """Durée moyenne d’un geste, en secondes, tour par tour."""
    return mesures(gestes, taille)[0]


def mesures(
    gestes: Mapping[str, Geste], taille: Taille
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Durée moyenne d’un geste, puis temps de processeur, en secondes, tour par tour.

    Un premier passage chauffe et ne compte pas. Le temps de processeur est celui de ce processus : il
    résiste à une machine occupée, mais ne voit pas ce que fait un serveur de base de données à côté.
    """
    for geste in gestes.values():
        geste()
        geste()
    attente: dict[str, list[float]] = {nom: [] for nom in gestes}
    travail: dict[str, list[float]] = {nom: [] for nom in gestes}
    for _ in range(taille.tours):
        for nom, geste in gestes.items():
            attendu, travaille = _moyennes(geste, taille.secondes_par_tour)
            attente[nom].append(attendu)
            travail[nom].append(travaille)
    return attente, travail


def rapport(releves: Mapping[str, list[float]], nom: str, etalon: str) -> float:
    """Médiane des rapports, chacun pris dans son tour."""
    return median(a / b for a, b in zip(releves[nom], releves[etalon], strict=True))


def processeur() -> float:
    """Secondes de processeur prises jusqu’ici par ce processus et par ses enfants terminés."""
    qui = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, qui))


def _moyennes(geste: Geste, secondes: float) -> tuple[float, float]:
    nombre, debut, debut_du_travail = 0, time.perf_counter(), time.process_time()
    while (passe := time.perf_counter() - debut) < secondes or not nombre:
        geste()
        nombre += 1
    return passe / nombre, (time.process_time() - debut_du_travail) / nombre
