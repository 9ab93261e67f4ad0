"""Tirer les documents : grilles et dossiers en PDF, un candidat ou toute la commission.

Un PDF par candidat, puis un seul fichier : la mémoire reste celle d'un dossier, et les conversions se
partagent entre processus. Seul le texte HTML leur est envoyé ; ils n'ont ni base ni réglages.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from django.template.loader import render_to_string

from certification.resultats import DossierLu
from trpm import documents

GENRES = {"grilles": "Grilles d’évaluation", "dossiers": "Dossiers"}
GABARITS = {"grilles": "documents/grille.html", "dossiers": "documents/dossier.html"}
STYLES = ["css/niveaux.css", "css/documents.css"]
PROCESSUS_MAX = 4


def html(lu: DossierLu, genre: str) -> str:
    return render_to_string(GABARITS[genre], {"lu": lu, "grille": lu.grille, "version": lu.version})


def pdf(lus: Sequence[DossierLu], genre: str, *, processus: int | None = None) -> bytes:
    """Un fichier pour ces dossiers, dans l'ordre ; `processus` : autant que de cœurs par défaut."""
    feuilles = [documents.feuille_de_style(chemin) for chemin in STYLES]
    pages = [html(lu, genre) for lu in lus]
    if len(pages) == 1:
        return documents.pdf_depuis_textes(pages[0], feuilles)
    return documents.pdf_reunis(_convertis(pages, feuilles, processus or _coeurs()), titre=GENRES[genre])


def _convertis(pages: list[str], feuilles: list[str], processus: int) -> list[bytes]:
    """Convertit à plusieurs ; à défaut (mémoire, droits du système), l'un après l'autre."""
    convertir = partial(documents.pdf_depuis_textes, feuilles=feuilles)
    if processus > 1 and documents.weasyprint is not None:
        try:
            contexte = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(min(processus, len(pages)), mp_context=contexte) as equipe:
                return list(equipe.map(convertir, pages))
        except (BrokenProcessPool, OSError):
            pass
    return [convertir(page) for page in pages]


def _coeurs() -> int:
    disponibles = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(disponibles, PROCESSUS_MAX)
