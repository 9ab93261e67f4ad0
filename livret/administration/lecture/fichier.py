"""D'un fichier à des élèves : sa nature se reconnaît à son contenu, jamais à son nom."""

from __future__ import annotations

import io
import re

from livret.administration.lecture.caracteres import texte_lu
from livret.administration.lecture.classeurs import illisible, tables_du_classeur, verifier_archive
from livret.administration.lecture.entetes import Designees
from livret.administration.lecture.lignes import lire_table, sans_colonne
from livret.administration.lecture.resultat import Attendu, FichierIllisible, FichierLu, RemarqueImport
from livret.administration.lecture.siecle import SIECLE, ExportXml, xml_zippe
from livret.administration.lecture.table import OCTETS_MAX, Table
from livret.administration.lecture.textes_separes import table_separee

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Ce que l'on reconnaît sans savoir le lire, et quoi faire.
RECONNUS = (
    (rb"%PDF-", "un PDF", "demandez à votre logiciel un export CSV ou xlsx de la même liste"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP|.{4}ftyp",
     "une image ou une vidéo", "envoyez la liste elle-même"),
    (rb"\{\\rtf", "un texte mis en forme (RTF)", "enregistrez la liste en .xlsx ou en CSV"),
    (rb"MIME-Version:", "une page web archivée", "ouvrez-la dans un tableur, puis enregistrez-la en .xlsx"),
    (
        rb"(?i)<!doctype html|<html|<table|<head|<meta|<body",
        "une page web (HTML) sous un nom de classeur",
        "ouvrez-la dans un tableur, puis enregistrez-la en .xlsx ou en CSV",
    ),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!", "une archive", "décompressez-la et envoyez la liste qu’elle contient"),
    (rb"SQLite format 3", "une base de données", "exportez-en la liste en CSV"),
)  # fmt: skip
CLASSEURS = {
    "xl/workbook.xml": "classeur xlsx",
    "xl/workbook.bin": "classeur xlsb",
    "content.xml": "classeur ods",
}


def lire(contenu: bytes, attendu: Attendu, designees: Designees | None = None) -> FichierLu:
    if len(contenu) > OCTETS_MAX:
        raise FichierIllisible("Le fichier dépasse 8 Mo\xa0: n’exportez que les élèves de l’établissement.")
    tables, nature, doute = tables_du_fichier(contenu)
    visibles = montrees(tables)
    lectures = [lue for table in visibles if table.rangs and (lue := lire_table(table, attendu, designees))]
    if not lectures:
        raise sans_colonne(visibles)
    if doute:
        lectures[0].avertissements.insert(0, RemarqueImport(1, doute))
    utiles = {lue.feuille for lue in lectures}
    laissees = [
        f"{table.nom}, masquée" if not table.visible else f"{table.nom}, sans colonnes Nom et Prénom"
        for table in tables
        if table.nom and (not table.visible or (table.nom not in utiles and table.rangs))
    ]
    return FichierLu(lectures, nature, laissees)


def montrees(tables: list[Table]) -> list[Table]:
    """Les feuilles que le classeur ne masque pas ; il en faut une."""
    visibles = [table for table in tables if table.visible]
    if not visibles:
        raise FichierIllisible(
            "Toutes les feuilles de ce classeur sont masquées\xa0: affichez celle de la liste."
        )
    return visibles


def tables_du_fichier(contenu: bytes, xml: ExportXml = SIECLE) -> tuple[list[Table], str, str]:
    """Les tables, ce qu'est le fichier, et le doute qu'il laisse."""
    if not contenu.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FichierIllisible("Le fichier est vide.")
    _refuser_les_reconnus(contenu)
    if contenu.startswith(ZIP):
        return _archive(contenu, xml)
    if contenu.startswith(OLE):
        if "WordDocument".encode("utf-16-le") in contenu:
            raise FichierIllisible("Ce fichier est un document Word\xa0: copiez sa liste dans un tableur.")
        return tables_du_classeur(contenu, format_zip=False), "classeur xls", ""
    if contenu.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<?xml", b"<" + xml.racine.encode())):
        if b'progid="Excel.Sheet"' in contenu[:2000]:
            raise FichierIllisible(
                "Ce fichier est un classeur XML 2003\xa0: ouvrez-le et enregistrez-le en .xlsx."
            )
        return [xml.table(io.BytesIO(contenu))], f"export XML de {xml.logiciel}", ""
    lu = texte_lu(contenu)
    table = table_separee(lu.texte)
    return [table], f"texte {lu.jeu}, colonnes séparées par\xa0: {table.separateur}", lu.doute


def _archive(contenu: bytes, xml: ExportXml) -> tuple[list[Table], str, str]:
    noms = {entree.filename for entree in verifier_archive(contenu)}
    if nature := next((nature for nom, nature in CLASSEURS.items() if nom in noms), ""):
        return tables_du_classeur(contenu, format_zip=True), nature, ""
    if any(nom.startswith("word/") for nom in noms):
        raise FichierIllisible("Ce fichier est un document Word\xa0: copiez sa liste dans un tableur.")
    if "[Content_Types].xml" in noms:
        raise illisible()
    return [xml.table(xml_zippe(contenu, xml.logiciel))], f"export XML de {xml.logiciel}, zippé", ""


def _refuser_les_reconnus(contenu: bytes) -> None:
    debut = contenu[:4000].lstrip(b"\xef\xbb\xbf \r\n\t")
    for motif, quoi, que_faire in RECONNUS:
        if re.match(motif, debut, re.DOTALL):
            raise FichierIllisible(f"Ce fichier est {quoi}\xa0: {que_faire}.")
