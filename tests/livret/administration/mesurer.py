"""Lit un fichier d’élèves dans un processus neuf ; rend ce qu’on en dit, la mémoire prise (Mo, celle du
lecteur de classeurs compris) et le temps passé (ms)."""

import json
import re
import resource
import sys
import time
from pathlib import Path

from livret.administration.lecture.fichier import lire
from livret.administration.lecture.resultat import Attendu, FichierIllisible


def sommet() -> int:
    """VmHWM de ce processus, ou le sommet de ses enfants s'il est plus haut."""
    statut = Path("/proc/self/status").read_text(encoding="ascii")
    lu = int(re.search(r"VmHWM:\s+(\d+)", statut)[1])
    return max(lu, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024


def principal() -> None:
    contenu = sys.stdin.buffer.read()
    debut = time.perf_counter()
    try:
        dit = f"{len(lire(contenu, Attendu('2TRPM', 2025)).lectures)} lectures"
    except FichierIllisible as faute:
        dit = str(faute)
    passe = round((time.perf_counter() - debut) * 1000)
    print(json.dumps({"dit": dit, "mo": sommet(), "ms": passe}))


if __name__ == "__main__":
    principal()
