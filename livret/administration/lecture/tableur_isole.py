"""Lit un classeur dans un processus à part, borné en mémoire et en temps : il peut en demander sans fin.

Reçoit le classeur sur son entrée, rend ses feuilles en JSON : nom, visibilité, rangs non vides.
N'importe rien de l'application.
"""

import datetime
import io
import json
import posixpath
import re
import resource
import sys
import zipfile
from typing import Any

from defusedxml import ElementTree
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MEMOIRE, SECONDES = 400 * 1024 * 1024, 5
RANGS_MAX, COLONNES_MAX, SIGNES_MAX, FEUILLES_MAX = 20_000, 400, 20_000_000, 60
MOT_DE_PASSE, TROP = 3, 4
# Une case dont la formule n'a pas de valeur, ou dont la valeur est une erreur.
CASE_VIDE = re.compile(
    rb'<c\b(?=[^>]*\br="([A-Z]{1,3}\d{1,7})")[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
CASE_EN_ERREUR = re.compile(
    rb'<c\b(?=[^>]*\br="([A-Z]{1,3}\d{1,7})")(?=[^>]*\bt="e")[^>]*>(?:<f\b(?:[^>]*/>|[^>]*>[^<]*</f>))?\s*<v>([^<]{1,20})</v>'
)


def feuilles(contenu: bytes) -> list[dict[str, Any]]:
    classeur = CalamineWorkbook.from_filelike(io.BytesIO(contenu))
    marques = _marques(contenu)
    lues = []
    for rang, feuille in enumerate(classeur.sheets_metadata[:FEUILLES_MAX]):
        if feuille.typ != SheetTypeEnum.WorkSheet:
            continue
        visible = feuille.visible == SheetVisibleEnum.Visible
        rangs = _rangs(classeur.get_sheet_by_index(rang), marques.get(feuille.name, {})) if visible else []
        lues.append({"nom": feuille.name, "visible": visible, "rangs": rangs})
    return lues


def _rangs(feuille: Any, marques: dict[tuple[int, int], str]) -> list[list[Any]]:
    if feuille.start is None:
        return []
    haut, gauche = feuille.start
    rangs = (
        [
            [haut + rang, [""] * gauche + [_cellule(valeur) for valeur in valeurs]]
            for rang, valeurs in enumerate(feuille.iter_rows())
        ]
        if feuille.total_height
        else []
    )
    par_rang = dict(rangs)
    for (rang, colonne), marque in marques.items():
        if colonne < len(par_rang.get(rang, [])) and par_rang[rang][colonne] == "":
            par_rang[rang][colonne] = marque
    for (debut, colonne), (fin, _) in feuille.merged_cell_ranges or []:
        for rang in range(debut + 1, min(fin, haut + len(rangs)) + 1):
            if colonne < len(par_rang.get(rang, [])) and any(par_rang[rang]):
                par_rang[rang][colonne] = (
                    par_rang[rang][colonne] or par_rang.get(debut, [""] * (colonne + 1))[colonne]
                )
    return [[rang + 1, cellules] for rang, cellules in rangs if any(un != "" for un in cellules)]


def _cellule(valeur: Any) -> Any:
    if isinstance(valeur, (datetime.datetime, datetime.date)):
        return {"date": valeur.isoformat()}
    if isinstance(valeur, float) and valeur.is_integer():
        return str(int(valeur))
    return "" if valeur is None else str(valeur)


def _marques(contenu: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Par feuille d'un xlsx, les cases dont le lecteur ne dit pas pourquoi elles sont vides."""
    if not contenu.startswith(b"PK"):
        return {}
    archive = zipfile.ZipFile(io.BytesIO(contenu))
    if "xl/workbook.xml" not in archive.namelist():
        return {}
    liens = {
        lien.get("Id"): posixpath.normpath(posixpath.join("xl", lien.get("Target", "")))
        for lien in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    lues = {}
    for noeud in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if noeud.tag.rpartition("}")[2] == "sheet":
            lien = next((valeur for nom, valeur in noeud.attrib.items() if nom.endswith("}id")), None)
            chemin = liens.get(lien, "").lstrip("/").replace("xl/xl/", "xl/")
            texte = archive.read(chemin) if chemin in archive.namelist() else b""
            lues[noeud.get("name", "")] = {
                _ici(un[1]): "\ue000formule" for un in CASE_VIDE.finditer(texte)
            } | {_ici(un[1]): un[2].decode("utf-8", "replace") for un in CASE_EN_ERREUR.finditer(texte)}
    return lues


def _ici(reference: bytes) -> tuple[int, int]:
    """« AB12 » donne (11, 27)."""
    trouve = re.fullmatch(r"([A-Z]+)(\d+)", reference.decode())
    lettres, rang = trouve.groups() if trouve else ("", 0)
    colonne = 0
    for lettre in lettres:
        colonne = colonne * 26 + ord(lettre) - 64
    return int(rang) - 1, colonne - 1


def feuilles_demesurees(contenu: bytes) -> list[dict[str, Any]]:
    """Un xlsx dont une case perdue étend la feuille jusqu'au bout : lu rang à rang, et seulement le début."""
    from openpyxl import load_workbook  # noqa: PLC0415 : un tiers de seconde, rarement utile

    classeur = load_workbook(io.BytesIO(contenu), read_only=True, data_only=True, keep_links=False)
    lues = []
    for feuille in classeur.worksheets[:FEUILLES_MAX]:
        visible = feuille.sheet_state == "visible"
        rangees = (
            feuille.iter_rows(max_row=RANGS_MAX, max_col=COLONNES_MAX, values_only=True) if visible else ()
        )
        rangs = [
            [numero, [_cellule(valeur) for valeur in rangee]]
            for numero, rangee in enumerate(rangees, start=1)
            if any(valeur is not None for valeur in rangee)
        ]
        lues.append({"nom": feuille.title, "visible": visible, "rangs": rangs})
    return lues


def principal() -> int:
    for quoi, borne in ((resource.RLIMIT_AS, MEMOIRE), (resource.RLIMIT_CPU, SECONDES)):
        resource.setrlimit(quoi, (borne, borne))
    contenu = sys.stdin.buffer.read()
    try:
        lues = (feuilles_demesurees if "--demesure" in sys.argv else feuilles)(contenu)
    except PasswordError:
        return MOT_DE_PASSE
    if sum(len(un) for feuille in lues for _, rang in feuille["rangs"] for un in rang) > SIGNES_MAX:
        return TROP
    json.dump(lues, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(principal())
