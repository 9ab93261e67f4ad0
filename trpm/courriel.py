"""Un courriel part, ou l'on dit pourquoi : une panne ne fait rien perdre à la personne qui écrit."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from trpm.textes import une_ligne

journal = logging.getLogger(__name__)
SANS_SERVEUR = {
    "django.core.mail.backends.console.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
}


def courriel_regle() -> bool:
    """Faux quand les réglages n'envoient rien : à l'écran du serveur, ou nulle part."""
    return settings.EMAIL_BACKEND not in SANS_SERVEUR


def envoyer(objet: str, texte: str, adresse: str, entetes: dict[str, str] | None = None) -> str:
    """Envoie à cette adresse ; rend une phrase disant pourquoi rien n'est parti, vide si c'est parti."""
    if not adresse:
        return "Rien n’est parti\xa0: cette personne n’a pas d’adresse de courriel."
    if not courriel_regle():
        return "Rien n’est parti\xa0: aucun serveur de courriel n’est réglé."
    try:
        EmailMessage(une_ligne(objet), texte, None, [adresse], headers=entetes).send()
    except (OSError, smtplib.SMTPException):
        journal.exception("Courriel non envoyé")
        return "Rien n’est parti\xa0: le serveur de courriel ne répond pas ou refuse l’envoi."
    return ""
