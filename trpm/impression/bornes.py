"""Ce qu’une mise en page peut coûter : un poids et un texte bornés, des mots coupables, un temps compté.

Le temps est celui que le fil a travaillé, non celui qui passe : une machine occupée ne refuse pas ce qu’elle
imprimerait tranquille, et chaque fil d’un serveur a sa borne.
"""

from __future__ import annotations

import ctypes
import gc
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SECONDES = 25
SECONDES_EN_TOUT = 80
"""Pour un document fait de plusieurs morceaux, chacun sous sa borne : moins que l'attente d'un serveur."""
REPRISE = 10.0
"""Secondes avant d’interrompre encore, si une image a ravalé la première fois : bien plus que ce que l’on met
à remonter d’une page démesurée, qu’une seconde interruption troublerait."""
PAS = 0.05
"""Secondes entre deux regards au moins : plus pressée, la veille priverait de temps le fil qu’elle compte."""
SIGNES = 1_000_000
POIDS = 30_000_000
"""Octets d'une page, photos comprises : la mise en page en demande sept à huit fois autant de mémoire."""
MOT = 80
COUPURE = "\u200b"

_ce_fil = threading.local()

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
    if getattr(_ce_fil, "compte", False):
        yield
        return
    _ce_fil.compte, veille = True, _Veille(secondes)
    try:
        try:
            yield
        finally:
            veille.finir()
    except _TempsEcoule:
        veille.finir()
        raise DocumentTropLourd(
            f"La mise en page de ce document a été arrêtée après {secondes:g} secondes : un de ses textes "
            "est sans doute démesuré. Raccourcissez-le, ou imprimez moins d’élèves à la fois."
        ) from None
    finally:
        _ce_fil.compte = False


class _Veille:
    """Un fil à côté, qui interrompt celui-ci quand il a travaillé tant de secondes, et s’y reprend."""

    def __init__(self, secondes: float) -> None:
        self._fil = threading.get_ident()
        self._terme = temps_du_fil(self._fil) + secondes
        self._verrou = threading.Lock()
        self._finie = threading.Event()
        self._lancee = False
        threading.Thread(target=self._veiller, daemon=True).start()

    def finir(self) -> None:
        """Après quoi plus rien n’interrompt. Une interruption lancée n’est peut-être pas encore reçue : une
        dernière prend sa place et s’attrape ici ; l’effacer laisserait Python la chercher sans fin."""
        while not self._finie.is_set():
            with suppress(_TempsEcoule), self._verrou:
                self._finie.set()
        if self._lancee:
            with suppress(_TempsEcoule):
                _interrompre(self._fil)
                while True:
                    time.sleep(0)

    def _veiller(self) -> None:
        attente = self._reste()
        while not self._finie.wait(max(attente, PAS)):
            attente = self._reste()
            if attente > 0:
                continue
            attente = REPRISE
            with self._verrou:
                if not self._finie.is_set():
                    self._lancee = True
                    _interrompre(self._fil)

    def _reste(self) -> float:
        return max(self._terme - temps_du_fil(self._fil), 0)


def _interrompre(fil: int) -> None:
    """Lève l’interruption dans ce fil, à son prochain pas."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(fil), ctypes.py_object(_TempsEcoule))


def temps_du_fil(fil: int) -> float:
    """Secondes de processeur de ce fil ; le temps qui passe, où le système ne les compte pas par fil."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic()
    return time.clock_gettime(time.pthread_getcpuclockid(fil))


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
