"""Un vrai serveur gunicorn, dans ses propres processus, le temps d’une mesure."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from bench.processus import RACINE

PATIENCE = 60


@dataclass(frozen=True)
class Serveur:
    port: int
    pid: int
    erreurs: IO[bytes]

    def journal(self) -> str:
        """Ce que le serveur a écrit sur sa sortie d’erreur."""
        self.erreurs.seek(0)
        return self.erreurs.read().decode(errors="replace")


def port_libre() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return prise.getsockname()[1]


@contextmanager
def gunicorn(variables: Mapping[str, str], *, processus: int, port: int = 0) -> Iterator[Serveur]:
    """Sert l’application avec ces variables d’environnement ; arrêté à la sortie."""
    port = port or port_libre()
    commande = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config=python:trpm.base.serveur",
        f"--bind=127.0.0.1:{port}",
    ]
    with tempfile.TemporaryFile() as erreurs:
        maitre = subprocess.Popen(
            [*commande, f"--workers={processus}"],
            cwd=RACINE,
            env={**os.environ, **variables},
            stdout=erreurs,
            stderr=erreurs,
        )
        serveur = Serveur(port, maitre.pid, erreurs)
        try:
            _attendre(serveur, maitre)
            yield serveur
        finally:
            maitre.terminate()
            maitre.wait(PATIENCE)


def _attendre(serveur: Serveur, maitre: subprocess.Popen[bytes]) -> None:
    fin = time.monotonic() + PATIENCE
    while time.monotonic() < fin and maitre.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", serveur.port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"gunicorn ne répond pas :\n{serveur.journal()}")


def processus_conseilles() -> int:
    """Un par cœur, deux au moins, comme le conseille docs/exploitation.md."""
    return max(2, os.cpu_count() or 1)
