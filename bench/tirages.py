"""Le lot d’une classe en PDF, par les fonctions mêmes de l’application."""

import time
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from bench.chronometre import processeur
from bench.lycee import bilans_du_banc, dossiers_du_banc
from bench.tailles import Taille
from certification.document import tirage
from certification.dossier.resultats import dossiers_lus
from livret.bilan.documents import bilans_pdf
from trpm.impression import documents


def mesurer(taille: Taille, genre: str, processus: int) -> dict[str, Any]:
    """De la lecture en base au fichier unique, comme les pages qui impriment une commission ou une classe."""
    if documents.pango_manque():
        return {"absent": str(documents.PangoAbsent())}
    debut, debut_processeur = time.perf_counter(), processeur()
    if genre == "bilans":
        fichier = bilans_pdf(bilans_du_banc(), "Bilans", processus=processus)
    else:
        fichier = tirage.pdf(dossiers_lus(dossiers_du_banc()), genre, processus=processus)
    return {
        "secondes": time.perf_counter() - debut,
        "processeur": processeur() - debut_processeur,
        "pages": len(PdfReader(BytesIO(fichier)).pages),
    }
