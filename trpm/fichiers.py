"""Reconnaître un fichier à son contenu. Ni son nom ni le type annoncé par le navigateur ne font foi.

Module pur : des octets et un nom entrent, un type ou une phrase de refus sort.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import PurePath

from trpm.base.a_la_demande import ALaDemande

puremagic = ALaDemande("puremagic")

TAILLE_MAX = 10 * 1024 * 1024
ADMIS = "PDF, image (PNG, JPEG, GIF, WebP) ou document bureautique (docx, xlsx, pptx, odt, ods, odp)"
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jfif": "image/jpeg",
    "jpe": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "docx": f"{_OOXML}wordprocessingml.document",
    "xlsx": f"{_OOXML}spreadsheetml.sheet",
    "pptx": f"{_OOXML}presentationml.presentation",
    "odt": f"{_ODF}text",
    "ods": f"{_ODF}spreadsheet",
    "odp": f"{_ODF}presentation",
}
MARQUES_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")
_RECONNUS = {TYPES[extension] for extension in ("pdf", "png", "jpg", "gif", "webp")}
_DOSSIERS = {"word/": TYPES["docx"], "xl/": TYPES["xlsx"], "ppt/": TYPES["pptx"]}


class FichierRefuse(ValueError):
    """Le message dit ce qui a été reçu et ce qui est attendu."""


def est_heif(contenu: bytes) -> bool:
    return contenu[4:8] == b"ftyp" and contenu[8:12] in MARQUES_HEIF


def refuser_heif(contenu: bytes, nom: str) -> None:
    if est_heif(contenu):
        raise FichierRefuse(
            f"« {nom} » est une image HEIC, que le site ne lit pas. Réglez l’appareil photo sur le format "
            "« le plus compatible » (JPEG), ou convertissez l’image, puis recommencez."
        )


def type_verifie(contenu: bytes, nom: str) -> str:
    """Type du fichier, si son contenu est celui que son nom annonce ; `FichierRefuse` sinon."""
    if not contenu:
        raise FichierRefuse(f"« {nom} » est vide.")
    if len(contenu) > TAILLE_MAX:
        raise FichierRefuse(f"« {nom} » dépasse {TAILLE_MAX // 1024**2} Mo.")
    refuser_heif(contenu, nom)
    reconnu = type_reconnu(contenu)
    if reconnu is None:
        raise FichierRefuse(f"« {nom} » n’est pas accepté. Attendu : {ADMIS}, sans macro.")
    if TYPES.get(PurePath(nom).suffix.lower().lstrip(".")) != reconnu:
        attendu = next(extension for extension, type_mime in TYPES.items() if type_mime == reconnu)
        raise FichierRefuse(
            f"Le nom « {nom} » ne correspond pas au contenu, qui est du {attendu} : renommez le fichier."
        )
    return reconnu


def type_reconnu(contenu: bytes) -> str | None:
    if contenu.startswith(b"PK\x03\x04"):
        return _type_bureautique(contenu)
    try:
        signatures = puremagic.magic_string(contenu)
    except puremagic.PureError:
        return None
    return next((une.mime_type for une in signatures if une.mime_type in _RECONNUS), None)


def _type_bureautique(contenu: bytes) -> str | None:
    """Document OOXML ou OpenDocument ; un document à macros n'en est pas un ici."""
    try:
        with zipfile.ZipFile(BytesIO(contenu)) as archive:
            noms = archive.namelist()
            if any("vbaproject" in nom.lower() or nom.startswith(("Basic/", "Scripts/")) for nom in noms):
                return None
            if "[Content_Types].xml" in noms:
                return next((t for d, t in _DOSSIERS.items() if any(n.startswith(d) for n in noms)), None)
            if "mimetype" in noms:
                with archive.open("mimetype") as declaration:
                    annonce = declaration.read(100).decode("ascii", "replace")
                return annonce if annonce.startswith(_ODF) and annonce in TYPES.values() else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        return None
    return None
