"""Convertir beaucoup de pages HTML en PDF, à plusieurs processus.

Un PDF par page reçue : la mémoire reste celle d'un document. Seul le texte HTML est envoyé aux
processus ; ils n'ont ni base ni réglages. Une page déjà tirée, et gardée, ne l'est pas une seconde fois.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from trpm.impression import documents, memoire
from trpm.impression.assemblage import pdf_reunis

PROCESSUS_MAX = 4
PAR_PROCESSUS = 4
"""En deçà, un processus de plus dure plus à démarrer qu’il ne fait gagner."""


def pdfs(pages: Sequence[str], styles: Sequence[str], *, processus: int | None = None) -> list[bytes]:
    """Un PDF par page HTML, dans l'ordre ; `processus` : par défaut, autant que de cœurs
    s’il y a assez de pages.

    À défaut de plusieurs processus (mémoire, droits du système), l'un après l'autre.
    """
    feuilles = [documents.feuille_de_style(chemin) for chemin in styles]
    cles = [memoire.empreinte((page, *feuilles)) for page in pages]
    finis = list(map(memoire.lire, cles))
    manquent = [rang for rang, fini in enumerate(finis) if fini is None]
    tires = _tires([pages[rang] for rang in manquent], feuilles, processus)
    for rang, contenu in zip(manquent, tires, strict=True):
        finis[rang] = memoire.garder(cles[rang], contenu)
    return [fini for fini in finis if fini is not None]


def en_un(tires: Sequence[bytes], titre: str, *, recto_verso: bool = False) -> bytes:
    """Le document, ou le fichier unique de plusieurs ; `recto_verso` : voir `pdf_reunis`."""
    if len(tires) == 1:
        return tires[0]
    return memoire.tire(
        (titre, str(recto_verso), *tires),
        lambda: pdf_reunis(tires, titre=titre, recto_verso=recto_verso),
    )


def _tires(pages: Sequence[str], feuilles: Sequence[str], processus: int | None) -> list[bytes]:
    convertir = partial(documents.pdf_depuis_textes, feuilles=feuilles)
    nombre = min(processus or min(_coeurs(), len(pages) // PAR_PROCESSUS), len(pages))
    if nombre > 1 and not documents.pango_manque():
        try:
            contexte = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(nombre, mp_context=contexte) as equipe:
                return list(equipe.map(convertir, pages))
        except (BrokenProcessPool, OSError):
            pass
    return [convertir(page) for page in pages]


def _coeurs() -> int:
    disponibles = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(disponibles, PROCESSUS_MAX)
