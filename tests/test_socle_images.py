"""Une photo entre avec ce que l'appareil y a écrit ; elle n'en ressort qu'avec ses pixels."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from tests.livret.photo import (
    HAUTEUR,
    LARGEUR,
    SECRETS,
    dessin,
    exif,
    jpeg,
)
from trpm.fichiers import FichierRefuse, type_verifie
from trpm.impression.images import (
    COTE_MAX,
    COTE_MINIATURE,
    a_imprimer,
    image_propre,
)


def ecrite(image: Image.Image, format_: str, **options: object) -> bytes:
    sortie = BytesIO()
    image.save(sortie, format_, **options)
    return sortie.getvalue()


def ouverte(contenu: bytes) -> Image.Image:
    image = Image.open(BytesIO(contenu))
    image.load()
    return image


def segments(contenu: bytes) -> list[int]:
    """Marqueurs d'un JPEG jusqu'aux pixels, lus octet par octet, sans Pillow."""
    marqueurs, rang = [], 2
    while contenu[rang + 1] != 0xDA:
        assert contenu[rang] == 0xFF
        marqueurs.append(contenu[rang + 1])
        rang += 2 + struct.unpack(">H", contenu[rang + 2 : rang + 4])[0]
    return marqueurs


def morceaux(contenu: bytes) -> set[bytes]:
    """Genres de morceaux d'un PNG, lus sans Pillow."""
    genres, rang = set(), 8
    while rang < len(contenu):
        taille, genre = struct.unpack(">I4s", contenu[rang : rang + 8])
        genres.add(genre)
        rang += 12 + taille
    return genres


def png_annonce(largeur: int, hauteur: int) -> bytes:
    """Un PNG minuscule qui se dit immense."""

    def morceau(genre: bytes, corps: bytes) -> bytes:
        controle = struct.pack(">I", zlib.crc32(genre + corps))
        return struct.pack(">I", len(corps)) + genre + corps + controle

    tete = struct.pack(">IIBBBBB", largeur, hauteur, 8, 2, 0, 0, 0)
    pixels = morceau(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + morceau(b"IHDR", tete) + pixels + morceau(b"IEND", b"")


def test_la_photo_d_essai_porte_bien_des_coordonnees() -> None:
    photo = jpeg()
    assert all(secret in photo for secret in SECRETS)
    assert ouverte(photo).getexif().get_ifd(0x8825)[2] == (44.0, 41.0, 24.0)
    assert set(segments(photo)) >= {0xE1, 0xE2, 0xFE}


def test_plus_aucune_metadonnee_dans_l_image_ni_dans_sa_miniature() -> None:
    propre = image_propre(jpeg(), "IMG_0042.jpg")
    for contenu in (propre.contenu, propre.miniature):
        assert [secret for secret in (*SECRETS, b"Exif", b"http", b"ICC") if secret in contenu] == []
        # JFIF, tables et dimensions : ni APP1 (EXIF, XMP), ni APP2 (profil), ni commentaire.
        assert set(segments(contenu)) <= {0xE0, 0xDB, 0xC0, 0xC2, 0xC4}
        image = ouverte(contenu)
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive"}


def test_l_orientation_est_appliquee_avant_de_disparaitre() -> None:
    propre = image_propre(jpeg(orientation=6), "a.jpg")
    assert (propre.largeur, propre.hauteur) == (HAUTEUR, LARGEUR)
    image = ouverte(propre.contenu)
    rouge, gris = image.getpixel((propre.largeur - 10, 10)), image.getpixel((10, 10))
    assert rouge[0] > 200 > 60 > rouge[1]
    assert abs(gris[0] - gris[1]) < 10


def test_une_grande_photo_est_reduite() -> None:
    propre = image_propre(jpeg((4000, 3000), orientation=1), "a.jpg")
    assert (propre.largeur, propre.hauteur) == (COTE_MAX, COTE_MAX * 3 // 4)
    assert ouverte(propre.miniature).size == (COTE_MINIATURE, COTE_MINIATURE * 3 // 4)
    assert max(ouverte(a_imprimer(propre.contenu)).size) == 800


def test_une_petite_photo_garde_sa_taille() -> None:
    propre = image_propre(jpeg((300, 200), orientation=1), "a.jpg")
    assert (propre.largeur, propre.hauteur) == (300, 200)
    assert ouverte(propre.miniature).size == (300, 200)


@pytest.mark.parametrize(
    ("format_", "mode", "type_mime", "nom"),
    [
        ("PNG", "RGB", "image/jpeg", "vue.jpg"),
        ("PNG", "RGBA", "image/png", "vue.png"),
        ("PNG", "P", "image/jpeg", "vue.jpg"),
        ("PNG", "I;16", "image/jpeg", "vue.jpg"),
        ("WEBP", "RGB", "image/jpeg", "vue.jpg"),
        ("WEBP", "RGBA", "image/png", "vue.png"),
        ("GIF", "P", "image/jpeg", "vue.jpg"),
        ("JPEG", "CMYK", "image/jpeg", "vue.jpg"),
        ("JPEG", "L", "image/jpeg", "vue.jpg"),
    ],
)
def test_chaque_format_se_lit(format_: str, mode: str, type_mime: str, nom: str) -> None:
    image = dessin((60, 40)).convert("L").convert(mode)
    if mode == "RGBA":
        image.putalpha(128)
    propre = image_propre(ecrite(image, format_), "vue.abc")
    assert (propre.type_mime, propre.nommee("vue.abc")) == (type_mime, nom)
    assert ouverte(propre.contenu).size == (60, 40)


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_png_et_webp_perdent_aussi_leurs_metadonnees(format_: str) -> None:
    image = dessin((60, 40))
    image.putalpha(128)
    recue = ecrite(image, format_, exif=exif(), icc_profile=b"PROFIL-SECRET", xmp=b"XMP-SECRET")
    assert b"APPAREIL-SECRET" in recue
    contenu = image_propre(recue, "a.png").contenu
    assert morceaux(contenu) == {b"IHDR", b"IDAT", b"IEND"}
    assert [secret for secret in SECRETS if secret in contenu] == []


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "est une image HEIC, que le site ne lit pas."),
        (jpeg()[:-2000], "est abîmée et ne se lit pas"),
        (ecrite(dessin(), "PNG")[:-500], "est abîmée et ne se lit pas"),
        (ecrite(dessin(), "WEBP")[:-500], "est abîmée et ne se lit pas"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "est abîmée et ne se lit pas"),
        (png_annonce(6000, 5000), "est trop grande : 25 millions de pixels au plus."),
        (png_annonce(60_000, 60_000), "est trop grande : "),
    ],
    ids=["heic", "JPEG coupé", "PNG coupé", "WebP coupé", "fausse", "bombe", "bombe énorme"],
)
def test_un_refus_dit_pourquoi(contenu: bytes, phrase: str) -> None:
    with pytest.raises(FichierRefuse) as refus:
        image_propre(contenu, "vue.jpg")
    assert str(refus.value).startswith("« vue.jpg » ")
    assert phrase in str(refus.value)


@pytest.mark.parametrize("nom", ["MVIMG_0042.jpg", "IMG.jfif", "IMG.JPE", "IMG.MP.jpeg"])
def test_une_photo_suivie_d_un_film(nom: str) -> None:
    """Le film part ; les octets d'un film ressemblent à des débuts d'image, jamais à la fin de la photo."""
    film = b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda" * 500 + b"mdat" * 1000
    propre = image_propre(jpeg() + film, nom)
    assert type_verifie(jpeg() + film, nom) == "image/jpeg"
    assert propre.nommee(nom).endswith(".jpg")
    assert b"ftyp" not in propre.contenu
    with pytest.raises(FichierRefuse, match="est abîmée"):
        image_propre(jpeg()[:-20] + film.replace(b"\xff", b"\x00"), nom)


def test_une_photo_heic_dit_son_remede_comme_piece_aussi() -> None:
    with pytest.raises(FichierRefuse, match="« le plus compatible »"):
        type_verifie(b"\0\0\0\x18ftypheic" + b"\0" * 40, "IMG.HEIC")
