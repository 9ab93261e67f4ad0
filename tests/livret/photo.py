"""De vraies photos d'appareil, avec ce qu'un téléphone y écrit : où, quand, par qui."""

from io import BytesIO

from PIL import Image

LARGEUR, HAUTEUR = 1200, 900
SECRETS = (b"APPAREIL-SECRET", b"COMMENTAIRE-SECRET", b"XMP-SECRET", b"PROFIL-SECRET", b"2026:03:12 10:42:00")


def dessin(taille: tuple[int, int] = (LARGEUR, HAUTEUR)) -> Image.Image:
    """Un dégradé dont le coin haut gauche est rouge : on reconnaît l'endroit et l'envers."""
    image = Image.linear_gradient("L").resize(taille).convert("RGB")
    image.paste("red", (0, 0, taille[0] // 4, taille[1] // 4))
    return image


def exif(orientation: int = 6) -> Image.Exif:
    """Orientation « tourner d'un quart de tour », appareil, date et coordonnées GPS de 44,69 N 0,32 O."""
    champs = Image.Exif()
    champs[0x0112] = orientation
    champs[0x010F] = "APPAREIL-SECRET"
    champs[0x9003] = "2026:03:12 10:42:00"
    gps = champs.get_ifd(0x8825)
    gps |= {1: "N", 2: (44.0, 41.0, 24.0), 3: "W", 4: (0.0, 19.0, 12.0), 29: "2026:03:12"}
    return champs


def jpeg(taille: tuple[int, int] = (LARGEUR, HAUTEUR), orientation: int = 6) -> bytes:
    sortie = BytesIO()
    dessin(taille).save(
        sortie,
        "JPEG",
        exif=exif(orientation),
        comment=b"COMMENTAIRE-SECRET",
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>XMP-SECRET</x:xmpmeta>",
        icc_profile=b"PROFIL-SECRET",
    )
    return sortie.getvalue()
