"""Ce qu’une mise en page peut coûter : un poids et un texte bornés, des mots coupables, un temps compté.

Le temps se compte là où un signal arrive, dans le premier fil d’un processus : un ouvrier de gunicorn, celui
des lots, une commande. Ailleurs (serveur de développement), seules les deux premières bornes tiennent.
"""

from __future__ import annotations

import gc
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SECONDES = 25
SECONDES_EN_TOUT = 80
"""Pour un document fait de plusieurs morceaux, chacun sous sa borne : moins que l'attente d'un serveur."""
SIGNES = 1_000_000
POIDS = 30_000_000
"""Octets d'une page, photos comprises : la mise en page en demande sept à huit fois autant de mémoire."""
MOT = 80
COUPURE = "\u200b"

_ENTRE_BALISES = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>|[^<]+", re.DOTALL | re.IGNORECASE)
_SANS_COUPURE = re.compile(rf"(?:&\w+;|&#\w+;|[^\s{COUPURE}&]){{{MOT}}}(?=[^\s{COUPURE}])")


class DocumentTropLourd(Exception):
    """Le message dit ce qui déborde et que faire."""


class _TempsEcoule(BaseException):
    """Traverse ce qui, dans la mise en page, rattrape toute exception."""


def peser(html: str) -> None:
    """Refuse, avant tout travail, une page que ses photos rendent démesurée."""
    if len(html) > POIDS:
        raise DocumentTropLourd(
            f"Ce document porterait {len(html) // 1_000_000} Mo de photos et de textes, plus que les "
            f"{POIDS // 1_000_000} Mo qu’une impression admet\xa0: retirez-en des photos, ou imprimez moins "
            "d’élèves à la fois."
        )


def bornee(html: str) -> str:
    """La page, ses mots démesurés rendus coupables ; refusée si elle porte trop de texte."""
    signes = 0
    morceaux = []
    for trouve in _ENTRE_BALISES.finditer(html):
        texte = trouve[0]
        if not texte.startswith("<"):
            signes += len(texte)
            texte = _SANS_COUPURE.sub(rf"\g<0>{COUPURE}", texte)
        morceaux.append(texte)
    if signes > SIGNES:
        raise DocumentTropLourd(
            f"Ce document porterait {signes} signes, plus que les {SIGNES} qu’une impression admet : "
            "raccourcissez les textes les plus longs, ou imprimez moins d’élèves à la fois."
        )
    return "".join(morceaux)


@contextmanager
def en_temps_compte(secondes: float = SECONDES) -> Iterator[None]:
    """Interrompt la mise en page trop longue ; dans une autre déjà comptée, le temps de la première vaut."""
    premier_fil = threading.current_thread() is threading.main_thread()
    if not premier_fil or not hasattr(signal, "setitimer") or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return
    avant = signal.signal(signal.SIGALRM, _interrompre)
    signal.setitimer(signal.ITIMER_REAL, secondes, 1)
    try:
        yield
    except _TempsEcoule:
        raise DocumentTropLourd(
            f"La mise en page de ce document a été arrêtée après {secondes:g} secondes : un de ses textes "
            "est sans doute démesuré. Raccourcissez-le, ou imprimez moins d’élèves à la fois."
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, avant)


def poursuivre(secondes: float) -> None:
    """Refuse le morceau suivant d’un document qui dure déjà trop."""
    if secondes > SECONDES_EN_TOUT:
        raise DocumentTropLourd(
            f"La mise en page de ce document a été arrêtée après {secondes:.0f}\xa0secondes\xa0: il est "
            "trop long pour être imprimé d’un coup."
        )


@contextmanager
def sans_ramassage() -> Iterator[None]:
    """Suspend le ramasse-miettes : une mise en page crée des millions d’objets, qu’il parcourait pour rien
    (un cinquième du temps) ; le temps compté borne ce qui s’accumule."""
    actif = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if actif:
            gc.enable()


def _interrompre(numero: int, cadre: FrameType | None) -> None:
    raise _TempsEcoule
