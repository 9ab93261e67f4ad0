"""Une image dans un document imprimé : écrite dans la page, que rien n'aille la chercher."""

from django import template

from livret.evaluation.trace import Trace
from trpm.impression.images import adresse_en_ligne

register = template.Library()


@register.filter
def miniature(trace: Trace) -> str:
    """Adresse `data:` de l'aperçu ; vide si le fichier manque."""
    try:
        with trace.miniature.open() as fichier:
            return adresse_en_ligne(fichier.read(), "image/jpeg")
    except OSError:
        return ""
