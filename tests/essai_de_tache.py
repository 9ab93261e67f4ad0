"""Une tâche que les tests confient à de vrais ouvriers : elle dit qui la commence et qui la finit."""

import os
import time
from pathlib import Path


def patienter(dossier: str) -> None:
    """Attend, pour qu'on la tue ; présentée de nouveau, finit."""
    lieu = Path(dossier)
    premiere = not list(lieu.glob("commence-*"))
    (lieu / f"commence-{os.getpid()}").touch()
    if premiere:
        time.sleep(3600)
    (lieu / "fini").touch()
