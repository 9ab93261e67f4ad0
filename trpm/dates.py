"""Les dates en toutes lettres."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.formats import date_format

JOUR = "j F Y"
HEURE = "G\xa0\\h\xa0i"


def heure_dite(instant: datetime.datetime) -> str:
    """« 10 h 42 », à l'heure d'ici."""
    return date_format(timezone.localtime(instant), HEURE)


def date_dite(jour: datetime.date, modele: str = JOUR) -> str:
    """« 1er mai 2026 », « 2 mai 2026 » : aucun format de Django n'écrit l'ordinal français."""
    return date_format(jour, modele.replace("j", r"j\e\r") if jour.day == 1 else modele)
