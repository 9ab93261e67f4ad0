"""De quoi fabriquer des fichiers d'élèves, bons et mauvais."""

import io
import zipfile
from collections.abc import Sequence

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook


def csv(*lignes: Sequence[str], separateur: str = ";", encodage: str = "utf-8") -> bytes:
    return "\r\n".join(separateur.join(ligne) for ligne in lignes).encode(encodage)


def xlsx(*lignes: Sequence[object], feuille: str = "Élèves", avant: Sequence[str] = ()) -> bytes:
    classeur = Workbook()
    del classeur["Sheet"]
    for nom in avant:
        classeur.create_sheet(nom)["A1"] = "Mode d’emploi"
    page = classeur.create_sheet(feuille)
    for ligne in lignes:
        page.append(list(ligne))
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


def deux_feuilles(**feuilles: Sequence[Sequence[object]]) -> bytes:
    classeur = Workbook()
    del classeur["Sheet"]
    for nom, lignes in feuilles.items():
        page = classeur.create_sheet(nom)
        for ligne in lignes:
            page.append(list(ligne))
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


def bombe(octets: int) -> bytes:
    """Un xlsx minuscule dont une partie se déplie en `octets` zéros."""
    sortie = io.BytesIO(xlsx(["Nom", "Prénom"], ["Morel", "Lina"]))
    with zipfile.ZipFile(sortie, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image.bin", b"\0" * octets)
    return sortie.getvalue()


def envoi(contenu: bytes, nom: str = "eleves.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, contenu)
