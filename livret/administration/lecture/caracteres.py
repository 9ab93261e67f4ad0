"""Dans quel jeu de caractères un texte est écrit : celui qui donne les lettres les plus plausibles."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from livret.administration.lecture.cellules import signes_douteux
from livret.administration.lecture.resultat import FichierIllisible
from trpm.base.a_la_demande import ALaDemande

charset_normalizer, ftfy = ALaDemande("charset_normalizer"), ALaDemande("ftfy")

# Le plus courant d'abord : à vraisemblance égale, il l'emporte.
CANDIDATS = {
    "cp1252": "Windows-1252",
    "iso8859_15": "ISO 8859-15",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
    "cp1250": "Windows-1250",
}
MARQUES = {
    codecs.BOM_UTF8: ("utf-8-sig", "UTF-8"),
    codecs.BOM_UTF32_LE: ("utf-32", "UTF-32"),
    codecs.BOM_UTF32_BE: ("utf-32", "UTF-32"),
    codecs.BOM_UTF16_LE: ("utf-16", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16", "UTF-16"),
}
COMMANDES = re.compile(r"[\x00-\x08\x0e-\x1f]")
DEUX_FOIS = "des lettres étaient écrites deux fois en UTF-8, elles sont réparées\xa0: relisez les noms."
INCERTAIN = "le jeu de caractères est incertain"
PAS_UN_TEXTE = "Ce fichier n’est ni un CSV ni un classeur\xa0: exportez à nouveau la liste."
COURANT = "cp1252"
UN_SIGNE = 5
MOTS = re.compile(r"[^\s;,]{1,200}")
FRANCAISES = frozenset("éèêëàâäîïôöùûüÿçœæÉÈÊËÀÂÄÎÏÔÖÙÛÜŸÇŒÆ")

LATIN = "\u0250"  # ce qui précède : lettres latines, accents compris


@dataclass(frozen=True)
class TexteLu:
    texte: str
    jeu: str
    doute: str = ""


def texte_lu(contenu: bytes) -> TexteLu:
    for marque, (codec, nom) in MARQUES.items():
        if contenu.startswith(marque):
            return _verifie(_decode(contenu, codec), nom)
    if contenu.count(0) > len(contenu) // 4:
        pairs = contenu[::2].count(0)
        codec = "utf-16-be" if pairs > contenu.count(0) // 2 else "utf-16-le"
        return _verifie(_decode(contenu, codec), "UTF-16")
    if (texte := _decode(contenu, "utf-8")) is not None:
        repare = _repare(texte)
        if repare != texte:
            return _verifie(repare, "UTF-8", DEUX_FOIS)
        return _verifie(texte, "ASCII" if texte.isascii() else "UTF-8")
    return _compare(contenu)


def _decode(contenu: bytes, codec: str) -> str | None:
    try:
        return contenu.decode(codec)
    except UnicodeDecodeError:
        return None


def _verifie(texte: str | None, jeu: str, doute: str = "") -> TexteLu:
    if texte is None or COMMANDES.search(texte):
        raise FichierIllisible(PAS_UN_TEXTE)
    return TexteLu(texte, jeu, doute)


def _repare(texte: str) -> str:
    """« MaÃ«lann » redevient « Maëlann », mot à mot : le reste du texte n'est pas touché, ni un mot que la
    réparation sortirait de l'alphabet latin (« œç » n'est pas « ύ »)."""
    return texte if texte.isascii() else MOTS.sub(_mot_repare, texte)


def _mot_repare(mot: re.Match[str]) -> str:
    repare = ftfy.fix_encoding(mot[0])
    return repare if all(signe < LATIN or not signe.isalpha() for signe in repare) else mot[0]


def _compare(contenu: bytes) -> TexteLu:
    lus = {codec: texte for codec in CANDIDATS if (texte := _decode(contenu, codec)) is not None}
    lus = {codec: texte for codec, texte in lus.items() if not COMMANDES.search(texte)}
    if not lus:
        raise FichierIllisible(PAS_UN_TEXTE)
    defauts = {codec: _defauts(texte) for codec, texte in lus.items()}
    retenu, *autres = sorted(lus, key=lambda codec: defauts[codec])
    marge = 0 if retenu == COURANT else UN_SIGNE
    rivaux = [codec for codec in autres if defauts[codec] <= defauts[retenu] + marge]
    rivaux = [codec for codec in rivaux if lus[codec] != lus[retenu]]
    doute = ""
    if rivaux:
        ici, la = _premiere_difference(lus[retenu], lus[rivaux[0]])
        doute = f"{INCERTAIN}\xa0: on lit «\xa0{ici}\xa0», ce pourrait être «\xa0{la}\xa0»."
    elif defauts[retenu] > UN_SIGNE and (avis := charset_normalizer.from_bytes(contenu[:20_000]).best()):
        doute = f"{INCERTAIN} ({CANDIDATS[retenu]}, ou {avis.encoding})\xa0: relisez les noms."
    return TexteLu(lus[retenu], CANDIDATS[retenu], doute)


def _defauts(texte: str) -> int:
    """Ce qu'un texte de noms français ne porterait pas : signe dans un mot, casse contraire, lettre rare."""
    total = 0
    for mot in (mot for mot in MOTS.findall(texte) if not mot.isascii()):
        total += (UN_SIGNE - 1) * len(signes_douteux(mot))
        total += sum(
            1 for signe in mot if signe.isalpha() and not signe.isascii() and signe not in FRANCAISES
        )
        total += sum(3 for signe in mot if unicodedata.category(signe) in {"Cn", "Co", "Lm", "Mn", "Lo"})
    return total


def _premiere_difference(un: str, autre: str) -> tuple[str, str]:
    paires = zip(re.split(r"[;,\t\r\n]", un), re.split(r"[;,\t\r\n]", autre), strict=False)
    return next(((ici[:30], la[:30]) for ici, la in paires if ici != la), ("", ""))
