"""Ce que tout texte demande, d'où qu'il vienne et où qu'il aille. Module pur."""

from __future__ import annotations

from decimal import Decimal

FORMULES = ("=", "+", "-", "@")


def sans_retour_chariot(texte: str) -> str:
    """Le texte d'un formulaire, ses lignes séparées par `\\n` et ses bords blancs ôtés."""
    return "\n".join(texte.splitlines()).strip()


def pluriel(nombre: Decimal | int, formes: str = "s") -> str:
    """La terminaison qui s'accorde : le pluriel français commence à deux (« 0 élève », « 1,5 jour »).

    `formes` : la terminaison du pluriel, ou « singulier,pluriel ».
    """
    singulier, _, plusieurs = formes.rpartition(",")
    return plusieurs if nombre >= 2 or nombre <= -2 else singulier


def inerte(texte: str) -> str:
    """Le texte d'une table CSV, précédé d'une apostrophe si un tableur l'exécutait."""
    return f"'{texte}" if passerait_pour_une_formule(texte) else texte


def passerait_pour_une_formule(texte: str) -> bool:
    """Un tableur exécuterait ce texte, ou l'un d'eux le ferait après ses blancs et ses sauts de ligne."""
    return texte.startswith(("\t", "\r", "\n")) or texte.lstrip().startswith(FORMULES)
