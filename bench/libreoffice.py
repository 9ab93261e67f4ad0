"""Les mêmes lignes en xlsx, converties en PDF par un seul appel de LibreOffice."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.chronometre import processeur
from bench.lycee import bilans_du_banc, dossiers_du_banc
from bench.tailles import Taille
from certification.document import classeurs
from certification.dossier.resultats import dossiers_lus
from livret.bilan.contenu import BilanFige, PreuveBilan
from trpm.impression.documents import Feuille, classeur

DELAI = 300


def mesurer(taille: Taille, genre: str = "grilles") -> dict[str, Any]:
    ecrire = {"grilles": _grilles, "bilans": _bilans}[genre]
    programme = shutil.which("soffice") or shutil.which("libreoffice")
    if programme is None:
        return {"absent": "LibreOffice absent"}
    with tempfile.TemporaryDirectory(prefix="trpm-banc-") as nom:
        dossier = Path(nom)
        for _ in range(taille.essais_du_tableur):
            _convertir(programme, dossier, ecrire(dossier)[:1], "essai")
        debut, debut_processeur = time.perf_counter(), processeur()
        fichiers = ecrire(dossier)
        fabrication = time.perf_counter() - debut
        sorties = _convertir(programme, dossier, fichiers, "pdf")
        secondes, travail = time.perf_counter() - debut, processeur() - debut_processeur
    if len(sorties) != len(fichiers):
        return {"absent": f"LibreOffice n’a converti que {len(sorties)} fichiers sur {len(fichiers)}"}
    return {"secondes": secondes, "processeur": travail, "fabrication": fabrication}


def _grilles(dossier: Path) -> list[Path]:
    fichiers = []
    for rang, lu in enumerate(dossiers_lus(dossiers_du_banc()), start=1):
        fichier = dossier / f"grille-{rang:02d}.xlsx"
        fichier.write_bytes(classeurs.grille(lu))
        fichiers.append(fichier)
    return fichiers


def _bilans(dossier: Path) -> list[Path]:
    """Un classeur pour la classe, une feuille par élève : un seul PDF en sort."""
    fichier = dossier / "bilans.xlsx"
    contenus = [lu.contenu for lu in bilans_du_banc()]
    fichier.write_bytes(
        classeur(Feuille(un.sujet.nom, _lignes(un), largeurs=[60, 30, 30, 20, 60]) for un in contenus)
    )
    return [fichier]


def _lignes(bilan: BilanFige) -> list[list[str]]:
    """Tout ce que le bilan imprimé dit de l’élève, en lignes."""
    textes, entretien = bilan.textes, bilan.entretien
    return [
        ["Compétence", "Avant", "Meilleur niveau", "Évolution", "Preuve"],
        *(
            [
                f"{ligne.code} {ligne.intitule}",
                ligne.avant.libelle if ligne.avant else "",
                ligne.degre.libelle if ligne.degre else "",
                ligne.evolution.mots,
                _preuve(ligne.preuve) if ligne.preuve else "",
            ]
            for ligne in bilan.lignes
        ),
        ["Appréciation de l’équipe", textes.appreciation],
        ["Mots de l’élève", textes.mots],
        ["Objectifs", textes.objectifs],
        ["Entretien", str(entretien.le), entretien.avec, entretien.convenu],
        ["Signature de l’élève", "", "Signature de l’enseignant"],
    ]


def _preuve(preuve: PreuveBilan) -> str:
    return f"{preuve.situation}, {preuve.date}, {preuve.lieu}, {preuve.evaluateur}"


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
