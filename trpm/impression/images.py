"""Une photo reçue est redessinée avant d'être gardée : droite, d'une taille raisonnable, sans rien d'autre.

Coordonnées GPS, date, appareil, commentaires, profil : tout ce qui n'est pas un pixel disparaît.
Module pur : des octets et un nom entrent, des octets propres ou une phrase de refus sortent.
"""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING

from trpm.base.a_la_demande import ALaDemande
from trpm.fichiers import FichierRefuse, refuser_heif

if TYPE_CHECKING:
    from PIL import Image, ImageOps
else:
    Image, ImageOps = ALaDemande("PIL.Image"), ALaDemande("PIL.ImageOps")

COTE_MAX = 2048
COTE_MINIATURE = 640
COTE_LOGO = 480  # 400 points par pouce sur 30 mm
COTE_PORTRAIT = 192
COTE_IMPRIME = 800  # 250 points par pouce sur 80 mm
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# Une photo de 50 millions de pixels se réduit en la lisant ; les autres formats se déplient en entier.
PIXELS_MAX = {"JPEG": 50_000_000}
PIXELS_MAX_SINON = 25_000_000
# Une marque d’un JPEG, ni octet de pixel, ni reprise, ni remplissage ; celle qui finit la photo.
MARQUE = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
FIN = 0xD9


@dataclass(frozen=True)
class ImagePropre:
    contenu: bytes
    type_mime: str
    extension: str
    largeur: int
    hauteur: int
    miniature: bytes

    def nommee(self, nom: str) -> str:
        return f"{PurePath(nom).stem or 'photo'}.{self.extension}"


def image_propre(contenu: bytes, nom: str) -> ImagePropre:
    """L'image redessinée et sa miniature ; `FichierRefuse` dit pourquoi elle n'est pas lue."""
    refuser_heif(contenu, nom)
    try:
        _entiere(contenu)
        pixels = _pixels(contenu, nom)
    except FichierRefuse:
        raise
    except Image.DecompressionBombError:
        raise FichierRefuse(_trop_grande(nom, PIXELS_MAX["JPEG"])) from None
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, IndexError, struct.error):
        raise FichierRefuse(f"« {nom} » est abîmée et ne se lit pas : choisissez une autre image.") from None
    transparente = pixels.mode == "RGBA"
    return ImagePropre(
        _ecrite(pixels, "PNG" if transparente else "JPEG"),
        "image/png" if transparente else "image/jpeg",
        "png" if transparente else "jpg",
        *pixels.size,
        _ecrite(_reduite(_sur_blanc(pixels), COTE_MINIATURE), "JPEG"),
    )


def a_imprimer(contenu: bytes) -> bytes:
    """Une image déjà redessinée, à la taille d'une figure imprimée."""
    with Image.open(BytesIO(contenu), formats=("JPEG", "PNG")) as lue:
        lue.draft("RGB", (COTE_IMPRIME, COTE_IMPRIME))
        return _ecrite(_reduite(_sur_blanc(lue.convert("RGBA")), COTE_IMPRIME), "JPEG")


def logo_propre(contenu: bytes, nom: str) -> ImagePropre:
    """Une image redessinée pour un en-tête : petite, et rien que ses pixels."""
    propre = image_propre(contenu, nom)
    with Image.open(BytesIO(propre.contenu), formats=("JPEG", "PNG")) as lue:
        petite = _reduite(lue, COTE_LOGO)
        ecrite = _ecrite(petite, lue.format or "PNG")
    return replace(propre, contenu=ecrite, largeur=petite.width, hauteur=petite.height)


def portrait_propre(contenu: bytes, nom: str) -> bytes:
    """Un visage au carré, petit, cadré plutôt vers le haut."""
    propre = image_propre(contenu, nom)
    with Image.open(BytesIO(propre.miniature), formats=("JPEG",)) as lue:
        carre = (COTE_PORTRAIT, COTE_PORTRAIT)
        return _ecrite(ImageOps.fit(lue, carre, Image.Resampling.BICUBIC, centering=(0.5, 0.35)), "JPEG")


def adresse_en_ligne(contenu: bytes, type_mime: str) -> str:
    """L'image elle-même comme adresse, pour un document imprimé qui ne va rien chercher."""
    return f"data:{type_mime};base64,{b64encode(contenu).decode()}"


def _entiere(contenu: bytes) -> None:
    """Une photo coupée en route ne passe pas : WeasyPrint règle Pillow, pour tous, sur l'indulgence."""
    if contenu.startswith(b"\xff\xd8") and not _jpeg_fini(contenu):
        raise OSError("JPEG sans fin")
    if contenu.startswith(b"\x89PNG") and b"IEND" not in contenu[-4096:]:
        raise OSError("PNG sans fin")


def _jpeg_fini(contenu: bytes) -> bool:
    """Segment après segment jusqu'à la fin de la photo ; un téléphone met parfois un film derrière."""
    place = 2
    while marque := MARQUE.search(contenu, place):
        place, genre = marque.end(), contenu[marque.end() - 1]
        if genre == FIN:
            return True
        place += int.from_bytes(contenu[place : place + 2], "big")
    return False


def _pixels(contenu: bytes, nom: str) -> Image.Image:
    """Les pixels seuls, dans une image neuve ; un dessin en PNG garde sa transparence."""
    with Image.open(BytesIO(contenu), formats=FORMATS) as lue:
        maximum = PIXELS_MAX.get(lue.format or "", PIXELS_MAX_SINON)
        if lue.width * lue.height > maximum:
            raise FichierRefuse(_trop_grande(nom, maximum))
        lue.draft("RGB", (COTE_MAX, COTE_MAX))
        droite = ImageOps.exif_transpose(lue)
        couleurs = droite.convert("RGBA" if droite.has_transparency_data else "RGB")
    reduite = _reduite(couleurs, COTE_MAX)
    neuve = Image.new(reduite.mode, reduite.size)
    neuve.paste(reduite)
    return neuve


def _trop_grande(nom: str, maximum: int) -> str:
    return (
        f"« {nom} » est trop grande : {maximum // 1_000_000} millions de pixels au plus. "
        "Réduisez-la, ou baissez la définition de l’appareil photo."
    )


def _reduite(image: Image.Image, cote: int) -> Image.Image:
    """Une ligne d'un point de haut en garde un."""
    if max(image.size) <= cote:
        return image
    largeur, hauteur = (max(1, round(un * cote / max(image.size))) for un in image.size)
    return image.resize((largeur, hauteur), Image.Resampling.BICUBIC)


def _sur_blanc(image: Image.Image) -> Image.Image:
    fond = Image.new("RGB", image.size, "white")
    fond.paste(image, mask=image if image.mode == "RGBA" else None)
    return fond


def _ecrite(image: Image.Image, format_: str) -> bytes:
    sortie = BytesIO()
    image.save(sortie, format_, optimize=True, **({"quality": 85} if format_ == "JPEG" else {}))
    return sortie.getvalue()
