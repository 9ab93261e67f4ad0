"""Ce que tout texte demande, d'où qu'il vienne et où qu'il aille. Module pur."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

FORMULES = ("=", "+", "-", "@")
_USUEL = re.compile(r"[A-Z]{1,3}[0-9]{1,3}")
ENTIER_MAX = 2**63 - 1
"""Le plus grand nombre qu'une clé de la base sache porter."""
# Ce qu'un format refuse à jamais : commandes, moitiés de paires UTF-16, signes qui n'en sont pas.
_HORS_TEXTE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plan + 0xFFFE)}{chr(plan + 0xFFFF)}" for plan in range(0, 0x110000, 0x10000))
    + "]"
)


def hors_texte(texte: str) -> bool:
    """Ce texte porte un signe que ni XML, ni PostgreSQL, ni UTF-8 n'écriraient."""
    return _HORS_TEXTE.search(texte) is not None


def propre(texte: str) -> str:
    """Le texte composé (NFC), sans les signes qu'un format refuse ; le même s'il l'était déjà."""
    if texte.isascii() and texte.isprintable():
        return texte
    return unicodedata.normalize("NFC", _HORS_TEXTE.sub("", texte))


def une_ligne(texte: str) -> str:
    """Le texte d'un nom ou d'un objet : ses sauts de ligne deviennent des espaces."""
    return " ".join(texte.splitlines()) if len(texte.splitlines()) > 1 else texte.rstrip("\r\n")


def entier(texte: object) -> int | None:
    """Le nombre écrit en chiffres ordinaires, si la base sait le porter : ni `²`, ni 5 000 chiffres."""
    chiffres = str(texte)
    if not (chiffres.isascii() and chiffres.isdecimal() and len(chiffres) < 20):
        return None
    return nombre if (nombre := int(chiffres)) <= ENTIER_MAX else None


def entiers(textes: Iterable[object]) -> set[int]:
    """Ceux de ces textes qui sont des nombres."""
    return {nombre for texte in textes if (nombre := entier(texte)) is not None}


def sans_retour_chariot(texte: str) -> str:
    """Le texte d'un formulaire, ses lignes séparées par `\\n` et ses bords blancs ôtés."""
    return "\n".join(texte.splitlines()).strip()


def pluriel(nombre: Decimal | int, formes: str = "s") -> str:
    """La terminaison qui s'accorde : le pluriel français commence à deux (« 0 élève », « 1,5 jour »).

    `formes` : la terminaison du pluriel, ou « singulier,pluriel ».
    """
    singulier, _, plusieurs = formes.rpartition(",")
    return plusieurs if nombre >= 2 or nombre <= -2 else singulier


def ancre(code: str) -> str:
    """L'identifiant, dans une page, de ce qui a ce code libre : deux codes n'ont jamais le même, et aucun n'a
    celui d'une partie de la page. Un code usuel (C1, EP2) est le sien."""
    if _USUEL.fullmatch(code):
        return code
    return "code-" + "".join(un if un.isascii() and un.isalnum() else f"_{ord(un):x}_" for un in code)


def inerte(texte: str) -> str:
    """Le texte d'une table CSV, précédé d'une apostrophe si un tableur l'exécutait."""
    return f"'{texte}" if passerait_pour_une_formule(texte) else texte


def passerait_pour_une_formule(texte: str) -> bool:
    """Un tableur exécuterait ce texte, ou l'un d'eux le ferait après ses blancs et ses sauts de ligne."""
    return texte.startswith(("\t", "\r", "\n")) or texte.lstrip().startswith(FORMULES)
