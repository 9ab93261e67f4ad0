"""Les dates en toutes lettres."""

from __future__ import annotations

import datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format

JOUR = "j F Y"
HEURE = "G\xa0\\h\xa0i"
FUSEAUX = (
    ("Europe/Paris", "France métropolitaine"),
    ("America/Guadeloupe", "Guadeloupe, Saint-Barthélemy, Saint-Martin"),
    ("America/Cayenne", "Guyane"),
    ("America/Martinique", "Martinique"),
    ("Indian/Mayotte", "Mayotte"),
    ("Indian/Reunion", "La Réunion"),
    ("Pacific/Noumea", "Nouvelle-Calédonie"),
    ("Pacific/Tahiti", "Polynésie française"),
    ("America/Miquelon", "Saint-Pierre-et-Miquelon"),
    ("Pacific/Wallis", "Wallis-et-Futuna"),
)


def heure_dite(instant: datetime.datetime) -> str:
    """« 10 h 42 », à l'heure d'ici."""
    return date_format(timezone.localtime(instant), HEURE)


def date_dite(jour: datetime.date, modele: str = JOUR) -> str:
    """« 1er mai 2026 », « 2 mai 2026 » : aucun format de Django n'écrit l'ordinal français."""
    return _jour_dit(jour, modele) if type(jour) is datetime.date else _dite(jour, modele)


def _dite(jour: datetime.date, modele: str) -> str:
    return date_format(jour, modele.replace("j", r"j\e\r") if jour.day == 1 else modele)


_jour_dit = lru_cache(maxsize=2048)(_dite)
"""Un jour se dit toujours de même ; un instant, lui, dépend de son fuseau."""
