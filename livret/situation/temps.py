"""Quelles situations on lit : ce qu'en voit l'élève un jour donné, une équipe ou une classe passée (Q53)."""

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from livret.personnes.models.classe import Classe
from livret.situation.models.situation import hors_brouillon, visible_le_jour


def comptant(jour: datetime.date | None, chemin: str = "") -> Q:
    """Ce que l'élève en voit ce jour-là ; sans jour, tout ce qui est sorti de l'état de brouillon."""
    return visible_le_jour(jour, chemin) if jour else hors_brouillon(chemin)


def publiee_de_ce_temps(jour: datetime.date, chemin: str = "") -> Q:
    """Visible encore, et déjà publiée ce jour-là : ce qu'en lit l'ancien enseignant d'un élève."""
    soir = timezone.make_aware(datetime.datetime.combine(jour, datetime.time.max))
    deja = Q(**{f"{chemin}publiee_le__lte": soir})
    sans_date = Q(**{f"{chemin}publiee_le__isnull": True, f"{chemin}fin__lte": jour})
    return visible_le_jour(jour, chemin) & (deja | sans_date)


def de_ce_temps(classe: Classe, chemin: str = "") -> Q:
    """Ce qui compte sur les pages d'une classe : rien d'une classe où ses élèves sont passés depuis."""
    return commencee_avant(classe.annee.debut, chemin)


def commencee_avant(rentree: int | QuerySet[Any, Any], chemin: str = "") -> Q:
    """La même règle, d'après l'année de rentrée de la classe, connue ou à lire."""
    return hors_brouillon(chemin) & Q(**{f"{chemin}classe__annee__debut__lte": rentree})
