"""Lancer une mesure dans un processus neuf, et relever ce qu’elle prend de mémoire."""

import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.tailles import Taille

RACINE = Path(__file__).resolve().parent.parent
PERIODE = 0.1
MO = 1024 * 1024


class MesureImpossible(Exception):
    """Le processus de mesure s’est arrêté ; ce qu’il a écrit dit pourquoi."""


@dataclass(frozen=True)
class Lanceur:
    """Lance les mesures sur une base, avec les réglages du projet tels qu’en production."""

    adresse: str
    taille: Taille
    statiques: str
    reglages: str = "bench.reglages"

    def mesurer(self, nom: str, **options: Any) -> dict[str, Any]:
        return self._resultat(nom, self._lancer(nom, options))

    def mesurer_avec_memoire(self, nom: str, **options: Any) -> dict[str, Any]:
        """Ajoute `memoire` : le plus haut de la mémoire du processus et de sa descendance, en Mo."""
        processus = self._lancer(nom, options)
        with ReleveMemoire(processus.pid) as releve:
            resultat = self._resultat(nom, processus)
        return resultat | {"memoire": releve.maximum / MO}

    def _lancer(self, nom: str, options: dict[str, Any]) -> subprocess.Popen[str]:
        texte = json.dumps({**options, "taille": asdict(self.taille)})
        return subprocess.Popen(
            [sys.executable, "-m", "bench.mesure", nom, texte],
            cwd=RACINE,
            env=self._environnement(),
            stdout=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def _resultat(nom: str, processus: subprocess.Popen[str]) -> dict[str, Any]:
        sortie, _ = processus.communicate()
        if processus.returncode:
            raise MesureImpossible(f"La mesure « {nom} » a échoué (voir ci-dessus).")
        return json.loads(sortie.splitlines()[-1])

    def _environnement(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.adresse,
            "DJANGO_SETTINGS_MODULE": self.reglages,
            "DEBUG": "0",
            "SECRET_KEY": "cle-du-banc-d-essai-sans-valeur-ailleurs",
            "ALLOWED_HOSTS": "localhost,testserver",
            "SECURE_SSL_REDIRECT": "0",
            "STATIC_ROOT": self.statiques,
            "NIVEAU_JOURNAL": "CRITICAL",
        }


@dataclass
class ReleveMemoire:
    """Suit la mémoire d’un processus et de sa descendance (PSS), plusieurs fois par seconde.

    Sans `/proc` (macOS), il ne reste que le plus gros des processus terminés, selon le système.
    """

    pid: int
    maximum: int = 0
    _fini: threading.Event = field(default_factory=threading.Event)
    _fil: threading.Thread | None = None

    def __enter__(self) -> "ReleveMemoire":
        self._fil = threading.Thread(target=self._suivre, daemon=True)
        self._fil.start()
        return self

    def __exit__(self, *faute: object) -> None:
        self._fini.set()
        if self._fil:
            self._fil.join()
        if not self.maximum:
            unite = 1 if sys.platform == "darwin" else 1024
            self.maximum = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unite

    def _suivre(self) -> None:
        while Path("/proc/self/statm").exists() and not self._fini.wait(PERIODE):
            self.maximum = max(self.maximum, memoire_partagee(self.pid))


def memoire_partagee(pid: int) -> int:
    """Somme des parts, en octets : ce que plusieurs processus partagent n’est compté qu’une fois (PSS)."""
    rouleaux = _de_la_descendance(pid, "smaps_rollup")
    parts = (re.search(r"^Pss:\s+(\d+)", texte, re.MULTILINE) for texte in rouleaux)
    return 1024 * sum(int(part[1]) for part in parts if part)


def memoire_au_plus_haut() -> float | None:
    """Ce que ce processus a tenu de plus, en Mo ; rien sans `/proc`."""
    etat = Path("/proc/self/status")
    lignes = etat.read_text().splitlines() if etat.exists() else []
    return next((int(ligne.split()[1]) / 1024 for ligne in lignes if ligne.startswith("VmHWM")), None)


def _de_la_descendance(pid: int, fichier: str) -> Iterator[str]:
    """Ce fichier de `/proc`, pour le processus et chacun de ceux qui en descendent."""
    enfants: dict[int, list[int]] = defaultdict(list)
    for dossier in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((dossier / "stat").read_text().rpartition(")")[2].split()[1])
            enfants[parent].append(int(dossier.name))
    a_voir = [pid]
    while a_voir:
        courant = a_voir.pop()
        a_voir += enfants[courant]
        with suppress(OSError):
            yield Path(f"/proc/{courant}/{fichier}").read_text()


def occupee_par_d_autres(secondes: float) -> float:
    """Part de la machine, de 0 à 1, que d’autres prennent pendant que le banc attend ; 0 sans `/proc`."""
    avant = _temps_de_la_machine()
    time.sleep(secondes)
    apres = _temps_de_la_machine()
    total, oisif = apres[0] - avant[0], apres[1] - avant[1]
    return (total - oisif) / total if total else 0.0


def _temps_de_la_machine() -> tuple[int, int]:
    """Temps écoulé, puis temps oisif (attente des disques comprise), tous cœurs confondus."""
    try:
        temps = [int(mot) for mot in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except OSError:
        return 0, 0
    return sum(temps), temps[3] + temps[4]
