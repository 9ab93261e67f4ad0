"""Un texte reçu d'un formulaire, ramené à ce qui s'enregistre."""

from __future__ import annotations


def sans_retour_chariot(texte: str) -> str:
    return "\n".join(texte.splitlines()).strip()
