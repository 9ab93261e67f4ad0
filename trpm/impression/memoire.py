"""Les documents finis, gardés un moment en mémoire : réimprimer ce qui n’a pas changé ne coûte rien.

La clé d’un document est l’empreinte de tout ce qu’il montre, relu en base avec les droits de qui le demande :
un document gardé n’est donc jamais périmé, et ne sert qu’à qui aurait reçu le même. Dès qu’un mot, une photo
ou la personne qu’il montre sont effacés, plus rien n’en retrouve la clé ; lui-même quitte la mémoire au bout
de `DUREE`, demandé ou non. Rien n’est écrit sur un disque.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from hashlib import blake2b

DUREE = 900
"""Secondes, un quart d’heure : le temps de corriger une grille et de réimprimer la classe."""
POIDS = 24_000_000
"""Octets gardés par processus, trois cents dossiers ; le plus ancien sort le premier."""

_verrou = threading.Lock()
_documents: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
_veille: threading.Timer | None = None


def empreinte(parties: Iterable[str | bytes]) -> bytes:
    """Deux suites de parties différentes n’ont jamais la même : la longueur de chacune en est."""
    calcul = blake2b(digest_size=32)
    for partie in parties:
        octets = partie.encode("utf-8", "surrogatepass") if isinstance(partie, str) else partie
        calcul.update(b"%d:" % len(octets) + octets)
    return calcul.digest()


def lire(cle: bytes) -> bytes | None:
    with _verrou:
        _oublier()
        trouve = _documents.get(cle)
    return trouve[1] if trouve else None


def garder(cle: bytes, contenu: bytes) -> bytes:
    """Rend le document qu’on lui confie."""
    if len(contenu) <= POIDS:
        with _verrou:
            _documents.pop(cle, None)
            _documents[cle] = time.monotonic(), contenu
            _oublier()
            _veiller()
    return contenu


def tire(parties: Iterable[str | bytes], tirer: Callable[[], bytes]) -> bytes:
    """Le document fait de ces parties : gardé, ou tiré puis gardé."""
    cle = empreinte(parties)
    trouve = lire(cle)
    return garder(cle, tirer()) if trouve is None else trouve


def oublier_tout() -> None:
    with _verrou:
        _documents.clear()


def _veiller() -> None:
    """Un fil passe quand le plus ancien a fait son temps, même si personne ne demande plus rien."""
    global _veille
    if _veille is None and _documents:
        fait, _ = next(iter(_documents.values()))
        _veille = threading.Timer(fait + DUREE - time.monotonic(), _passer)
        _veille.daemon = True
        _veille.start()


def _passer() -> None:
    global _veille
    with _verrou:
        _veille = None
        _oublier()
        _veiller()


def _oublier() -> None:
    """Les plus anciens sont devant."""
    maintenant = time.monotonic()
    poids = sum(len(contenu) for _, contenu in _documents.values())
    while _documents:
        cle, (fait, contenu) = next(iter(_documents.items()))
        if maintenant - fait < DUREE and poids <= POIDS:
            return
        poids -= len(contenu)
        del _documents[cle]
