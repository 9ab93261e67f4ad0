"""Le code que l'on lit à voix haute, tiré au hasard. Module pur."""

from __future__ import annotations

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Ni 0 ni O, ni 1 ni I ni L, ni U : rien qui se confonde en le dictant."""
LONGUEUR_CODE = 8


def code_neuf() -> str:
    """Huit signes parmi trente : six cents milliards de codes, en deux groupes de quatre."""
    signes = "".join(secrets.choice(ALPHABET) for _ in range(LONGUEUR_CODE))
    return f"{signes[:4]}-{signes[4:]}"


def code_lu(texte: str) -> str:
    """Le code sans espace, ni tiret, ni minuscule ; vide si ce n'en est pas un."""
    signes = re.sub(r"[\s\-‐‑–—.]", "", texte).upper()
    return signes if len(signes) == LONGUEUR_CODE and set(signes) <= set(ALPHABET) else ""
