"""Ce que toute page dit de l’application elle-même."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def adresse_du_code() -> str:
    """Où lire le code de cette installation, si l’exploitant l’a indiqué (article 13 de l’AGPL)."""
    return settings.ADRESSE_DU_CODE
