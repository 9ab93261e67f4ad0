"""Chargé d’office : un gabarit n’écrit une date en toutes lettres que par ce filtre."""

import datetime

from django import template

from trpm.dates import JOUR, date_dite

register = template.Library()


@register.filter(expects_localtime=True)
def jour(valeur: datetime.date | None, modele: str = JOUR) -> str:
    """`{{ situation.fin|jour }}` ; vide sans date."""
    return date_dite(valeur, modele) if isinstance(valeur, datetime.date) else ""
