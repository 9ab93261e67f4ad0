"""Le secret d'un lien et le code que l'on lit à voix haute : tirés au hasard, gardés condensés.

Module pur. La base ne permet de retrouver ni l'un ni l'autre.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Ni 0 ni O, ni 1 ni I ni L, ni U : rien qui se confonde en le dictant."""
LONGUEUR_CODE = 8


def jeton_neuf() -> str:
    return secrets.token_urlsafe(32)


def code_neuf() -> str:
    """Huit signes parmi trente : six cents milliards de codes, en deux groupes de quatre."""
    signes = "".join(secrets.choice(ALPHABET) for _ in range(LONGUEUR_CODE))
    return f"{signes[:4]}-{signes[4:]}"


def code_lu(texte: str) -> str:
    """Le code sans espace, ni tiret, ni minuscule ; vide si ce n'en est pas un."""
    signes = re.sub(r"[\s\-‐‑–—.]", "", texte).upper()
    return signes if len(signes) == LONGUEUR_CODE and set(signes) <= set(ALPHABET) else ""


def empreinte(secret: str, cle: str) -> str:
    """Condensé à clé : sans la clé du site, une copie de la base ne permet pas d'essayer des codes."""
    return hmac.new(cle.encode(), secret.encode(), hashlib.sha256).hexdigest()


def concorde(secret: str, cle: str, attendue: str) -> bool:
    """Comparaison en un temps qui ne dépend pas de ce qui diffère."""
    return hmac.compare_digest(empreinte(secret, cle), attendue)
