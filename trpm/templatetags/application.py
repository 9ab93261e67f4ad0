"""Ce que toute page dit de l’application elle-même."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def adresse_du_code() -> str:
    """Où lire le code de cette installation, si l’exploitant l’a indiqué (article 13 de l’AGPL)."""
    return settings.ADRESSE_DU_CODE


@register.simple_tag
def produit() -> str:
    """Le nom sous lequel cette installation se présente."""
    return settings.NOM_DU_PRODUIT


@register.simple_tag
def produit_au_fil() -> str:
    """Le même, dans une phrase : « livret TRPM »."""
    nom: str = settings.NOM_DU_PRODUIT
    return nom[:1].lower() + nom[1:]
