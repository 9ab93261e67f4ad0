"""Les polices des documents imprimés, les mêmes sur toute machine, et ce qu’elles ne dessinent pas.

Elles viennent de paquets installés, jamais du système : Source Sans 3 (chiffres de même chasse), et Noto
Sans Arabic pour les noms écrits en arabe. Un signe qu’aucune ne dessine serait pris dans une police de la
machine, ou laissé vide, ce que refusent PDF/UA et PDF/A : il est remplacé ici, ou dit en toutes lettres.
"""

import os
import re
import unicodedata
from functools import cache
from io import BytesIO
from pathlib import Path

import fontpkg

from trpm.base.a_la_demande import ALaDemande
from trpm.impression import signes

uharfbuzz, ttlib = ALaDemande("uharfbuzz"), ALaDemande("fontTools.ttLib")

# Une police que la mise en page récrit est datée : sans date fixe, un même état figé ne donnerait pas deux
# fois les mêmes octets.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")

FAMILLE = "Document"
SECOURS = "Document arabe"
GRAISSES = (400, 700)
CARRE = "□"
COUPURES = "\u00ad\u200b"  # les seules marques invisibles gardées : elles disent où couper un mot

# Signes de cotation et de tolérance géométrique (ISO 1101), que l’on dit comme on les lit sur un plan.
SIGNES = {
    "⌀": "Ø",
    "∅": "Ø",
    "⏤": "rectitude",
    "⏥": "planéité",
    "⌭": "cylindricité",
    "⌒": "profil d’une ligne",
    "⌓": "profil d’une surface",
    "∥": "parallélisme",
    "⫽": "parallélisme",
    "⟂": "perpendicularité",
    "⊥": "perpendicularité",
    "∠": "inclinaison",
    "⦟": "inclinaison",
    "⌖": "localisation",
    "◎": "coaxialité",
    "⌯": "symétrie",
    "⌰": "battement total",
    "☒": "☑",
}


class PoliceRefusee(Exception):
    """Aucun document n’est possible sans ses polices : l’installation est à refaire."""


def fichiers() -> dict[str, Path]:
    """Les fichiers de police, par rôle ; ils contiennent toutes les graisses."""
    return {
        "droit": fontpkg.path("Source Sans 3"),
        "italique": fontpkg.path("Source Sans 3", style="italic"),
        "secours": fontpkg.path("Noto Sans Arabic"),
    }


FACES = {
    f"police:{role}-{graisse}": (famille, style, role, graisse)
    for famille, style, role in (
        (FAMILLE, "normal", "droit"),
        (FAMILLE, "italic", "italique"),
        (SECOURS, "normal", "secours"),
    )
    for graisse in GRAISSES
} | {"police:signes-400": (signes.FAMILLE, "normal", "signes", 400)}


@cache
def faces() -> str:
    """Les règles `@font-face` ; ces adresses sont les seules que la mise en page peut lire."""
    return "\n".join(
        f'@font-face {{ font-family: "{famille}"; font-style: {style}; font-weight: {graisse}; '
        f'src: url("{adresse}") }}'
        for adresse, (famille, style, _, graisse) in FACES.items()
    )


@cache
def police(adresse: str) -> bytes:
    """La police de cette adresse, à sa seule graisse : laissée variable, la mise en page la réduirait à
    chaque document, ce qui prenait plus de la moitié de son temps."""
    *_, role, graisse = FACES[adresse]
    if role == "signes":
        return signes.police()
    try:
        return _a_sa_graisse(role, graisse)
    except Exception as refus:
        raise PoliceRefusee(f"La police des documents « {role} » ne se lit pas : {refus}") from refus


def exiger() -> None:
    """Toutes sont lisibles : la mise en page, elle, passerait sur une police refusée sans rien dire."""
    for adresse in FACES:
        police(adresse)


def _a_sa_graisse(role: str, graisse: int) -> bytes:
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(fichiers()[role])))
    voulu = uharfbuzz.SubsetInput()
    voulu.keep_everything()
    voulu.pin_all_axes_to_default(face)
    voulu.pin_axis_location(face, "wght", graisse)
    lue = uharfbuzz.subset(face, voulu).blob.data
    if not ttlib.TTFont(BytesIO(lue), lazy=True).getBestCmap():
        raise ValueError("elle ne dessine aucun signe")
    return lue


@cache
def dessines() -> frozenset[int]:
    """Les signes que ces polices dessinent, penchés ou non."""
    lus = {}
    for role, chemin in fichiers().items():
        with ttlib.TTFont(chemin, lazy=True) as police:
            lus[role] = frozenset(police.getBestCmap())
    tous = (lus["droit"] & lus["italique"]) | lus["secours"] | frozenset(map(ord, "\t\n\r"))
    return frozenset(
        code for code in tous if chr(code) in COUPURES or unicodedata.category(chr(code)) != "Cf"
    )


@cache
def _autres() -> re.Pattern[str]:
    """Ce qu’aucune ne dessine."""
    bornes: list[list[int]] = []
    for code in sorted(dessines()):
        if bornes and code == bornes[-1][1] + 1:
            bornes[-1][1] = code
        else:
            bornes.append([code, code])
    classe = "".join(f"\\U{debut:08x}-\\U{fin:08x}" for debut, fin in bornes)
    return re.compile(f"[^{classe}]")


def imprimable(texte: str) -> str:
    """Le texte, en lettres composées, réduit aux signes que les polices des documents dessinent.

    Un signe de cotation est dit en toutes lettres, une lettre ou un chiffre stylisés redeviennent simples,
    ce qui ne se voit pas s’efface ; le reste devient un carré.
    """
    return _autres().sub(_remplace, unicodedata.normalize("NFC", texte))


def _remplace(trouve: re.Match[str]) -> str:
    signe = trouve[0]
    if signe in SIGNES:
        return SIGNES[signe]
    simple = unicodedata.normalize("NFKC", signe)
    if simple != signe and not _autres().search(simple):
        return simple
    return "" if _invisible(signe) else CARRE


def _invisible(signe: str) -> bool:
    """Commande, marque qui en modifie une autre, teinte d’un pictogramme, ou code sans caractère."""
    categorie, code = unicodedata.category(signe), ord(signe)
    if categorie == "Cn":
        return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return categorie in {"Cc", "Cf", "Cs", "Mn", "Me"} or 0x1F3FB <= code <= 0x1F3FF
