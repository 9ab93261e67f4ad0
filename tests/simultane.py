"""Lancer plusieurs tâches au même instant, pour de vrai."""

import threading
from collections.abc import Callable

from django.db import connections


def ensemble(*taches: Callable[[], object]) -> list[object]:
    """Lance les tâches au même instant, chacune sur sa connexion ; rend ce qu'elles rendent."""
    depart = threading.Barrier(len(taches))
    resultats: list[object] = [None] * len(taches)

    def jouer(rang: int, tache: Callable[[], object]) -> None:
        try:
            depart.wait()
            resultats[rang] = tache()
        except Exception as faute:
            resultats[rang] = faute
        finally:
            connections.close_all()

    fils = [threading.Thread(target=jouer, args=paire) for paire in enumerate(taches)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(60)
    return resultats
