"""Une signature tracée au doigt, redessinée par nous : des pixels noirs sur blanc, et rien d'autre.

Module pur : l'adresse `data:` écrite par le navigateur entre, un PNG propre ou une phrase sort.
"""

from __future__ import annotations

import struct
from base64 import b64decode
from binascii import Error
from io import BytesIO
from typing import TYPE_CHECKING

from trpm.base.a_la_demande import ALaDemande
from trpm.fichiers import FichierRefuse

if TYPE_CHECKING:
    from PIL import Image, ImageOps
else:
    Image, ImageOps = ALaDemande("PIL.Image"), ALaDemande("PIL.ImageOps")

PREFIXE = "data:image/png;base64,"
OCTETS_MAX = 300_000
PIXELS_MAX = 4_000_000
CADRE = (600, 240)
ILLISIBLE = "La signature ne se lit pas : effacez-la et signez de nouveau."
VIDE = "Le cadre de signature est vide : signez avec le doigt, ou cochez « je signe »."


def signature_propre(adresse: str) -> bytes:
    """Le PNG redessiné ; `FichierRefuse` dit quoi faire."""
    if len(adresse) > OCTETS_MAX:
        raise FichierRefuse("La signature est trop lourde : effacez-la et signez plus simplement.")
    try:
        contenu = b64decode(adresse.removeprefix(PREFIXE), validate=True)
        trait = _trait(contenu)
    except (Error, OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        raise FichierRefuse(ILLISIBLE) from None
    cadre = ImageOps.invert(trait).getbbox()
    if cadre is None:
        raise FichierRefuse(VIDE)
    marge = 8
    coupe = ImageOps.expand(trait.crop(cadre), marge, fill=255)
    coupe.thumbnail(CADRE)
    sortie = BytesIO()
    coupe.quantize(4).save(sortie, "PNG", optimize=True)
    return sortie.getvalue()


def _trait(contenu: bytes) -> Image.Image:
    """L'encre en noir, le reste en blanc, dans une image neuve ; une feuille transparente est blanche."""
    with Image.open(BytesIO(contenu), formats=["PNG"]) as lue:
        if lue.width * lue.height > PIXELS_MAX:
            raise ValueError
        dessin = lue.convert("RGBA")
    feuille = Image.new("RGBA", dessin.size, "white")
    feuille.alpha_composite(dessin)
    return feuille.convert("L").point(lambda gris: 0 if gris < 160 else 255)
