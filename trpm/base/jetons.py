"""Un secret tiré au hasard, gardé condensé : la base ne permet pas de le redire. Module pur."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def jeton_neuf() -> str:
    return secrets.token_urlsafe(32)


def empreinte(secret: str, cle: str) -> str:
    """Condensé à clé : sans la clé du site, une copie de la base ne permet pas d'essayer des codes."""
    return hmac.new(cle.encode(), secret.encode(), hashlib.sha256).hexdigest()


def concorde(secret: str, cle: str, attendue: str) -> bool:
    """Comparaison en un temps qui ne dépend pas de ce qui diffère."""
    return hmac.compare_digest(empreinte(secret, cle), attendue)
