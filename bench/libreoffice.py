"""Les mêmes grilles en xlsx, converties en PDF par un seul appel de LibreOffice."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.chronometre import processeur
from bench.lycee import dossiers_du_banc
from bench.tailles import Taille
from certification import classeurs
from certification.resultats import dossiers_lus

DELAI = 300


def mesurer(taille: Taille) -> dict[str, Any]:
    programme = shutil.which("soffice") or shutil.which("libreoffice")
    if programme is None:
        return {"absent": "LibreOffice absent"}
    with tempfile.TemporaryDirectory(prefix="trpm-banc-") as nom:
        dossier = Path(nom)
        # Le premier lancement crée un profil, ce qu’un serveur ne paie qu’une fois : il ne compte pas.
        _convertir(programme, dossier, _classeurs(dossier)[:1], "essai")
        debut, debut_processeur = time.perf_counter(), processeur()
        fichiers = _classeurs(dossier)
        fabrication = time.perf_counter() - debut
        sorties = _convertir(programme, dossier, fichiers, "pdf")
        secondes, travail = time.perf_counter() - debut, processeur() - debut_processeur
    if len(sorties) != len(fichiers):
        return {"absent": f"LibreOffice n’a converti que {len(sorties)} grilles sur {len(fichiers)}"}
    return {"secondes": secondes, "processeur": travail, "fabrication": fabrication}


def _classeurs(dossier: Path) -> list[Path]:
    fichiers = []
    for rang, lu in enumerate(dossiers_lus(dossiers_du_banc()), start=1):
        fichier = dossier / f"grille-{rang:02d}.xlsx"
        fichier.write_bytes(classeurs.grille(lu))
        fichiers.append(fichier)
    return fichiers


def _convertir(programme: str, dossier: Path, fichiers: list[Path], sortie: str) -> list[Path]:
    subprocess.run(
        [
            programme,
            f"-env:UserInstallation={(dossier / 'profil').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            dossier / sortie,
            *fichiers,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=DELAI,
        check=False,
    )
    return list((dossier / sortie).glob("*.pdf"))
