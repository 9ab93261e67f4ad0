"""Un classeur xlsx, xls ou ods : ses feuilles, lues par un processus à part, borné en mémoire et en temps."""

from __future__ import annotations

import datetime
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from livret.administration.lecture.cellules import FORMULE, Cellule, propre_cellule
from livret.administration.lecture.resultat import FichierIllisible
from livret.administration.lecture.table import (
    ENTREES_MAX,
    OCTETS_DEPLIES_MAX,
    Table,
    trop_lourd,
)
from trpm.base.a_la_demande import ALaDemande

# Un programme à part : ici, seuls ses codes de sortie servent, non la bibliothèque qu'il charge.
tableur_isole = ALaDemande("livret.administration.lecture.tableur_isole")
LECTEUR = Path(__file__).with_name("tableur_isole.py")
ATTENTE = 15


def illisible() -> FichierIllisible:
    return FichierIllisible(
        "Ce classeur est abîmé ou n’en est pas un\xa0: enregistrez-le à nouveau en .xlsx."
    )


def tables_du_classeur(contenu: bytes, format_zip: bool) -> list[Table]:
    if format_zip:
        verifier_archive(contenu)
    rendu = _lire_a_part(contenu)
    if rendu.returncode < 0 and format_zip:
        rendu = _lire_a_part(contenu, "--demesure")
    if rendu.returncode == tableur_isole.MOT_DE_PASSE:
        raise FichierIllisible(
            "Ce classeur est protégé par un mot de passe\xa0: enregistrez-en une copie sans mot de passe."
        )
    if rendu.returncode < 0 or rendu.returncode == tableur_isole.TROP or b"MemoryError" in rendu.stderr:
        raise trop_lourd()
    if rendu.returncode:
        raise illisible()
    return [_table(feuille) for feuille in json.loads(rendu.stdout)]


def verifier_archive(contenu: bytes) -> list[zipfile.ZipInfo]:
    fin = contenu.rfind(b"PK\x05\x06")  # le nombre d'entrées s'y lit sans les lire toutes
    if fin >= 0 and int.from_bytes(contenu[fin + 10 : fin + 12], "little") > ENTREES_MAX:
        raise trop_lourd()
    try:
        with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
            entrees = archive.infolist()
    except Exception:  # une archive abîmée lève à peu près n'importe quoi
        raise illisible() from None
    if sum(entree.file_size for entree in entrees) > OCTETS_DEPLIES_MAX:
        raise trop_lourd()
    return entrees


def _lire_a_part(contenu: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    commande = [sys.executable, "-I", str(LECTEUR), *options]
    try:
        return subprocess.run(commande, input=contenu, capture_output=True, timeout=ATTENTE, check=False)  # noqa: S603 : notre lecteur
    except subprocess.TimeoutExpired:
        raise trop_lourd() from None


def _table(feuille: dict[str, Any]) -> Table:
    return Table(
        nom=propre_cellule(feuille["nom"]),
        visible=feuille["visible"],
        rangs=[(numero, [_cellule(un) for un in cellules]) for numero, cellules in feuille["rangs"]],
    )


def _cellule(lue: Any) -> Cellule:
    if isinstance(lue, dict):
        date = lue["date"]
        return datetime.datetime.fromisoformat(date) if "T" in date else datetime.date.fromisoformat(date)
    return FORMULE if lue == FORMULE else propre_cellule(lue)
