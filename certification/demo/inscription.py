"""Écriture en masse de lignes datées, avec leur historique."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone

from livret.models import Utilisateur

M = TypeVar("M", bound=Model)


def heure(jour: datetime.date, heures: int = 17) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(jour, datetime.time(heures)))


def inscrire(
    modele: type[M], objets: Sequence[M], le: datetime.datetime, par: Utilisateur | None = None
) -> Sequence[M]:
    """Crée ces lignes comme si la personne les avait écrites ce jour-là.

    La base ne laisse pas redater ensuite une ligne immuable : elle naît datée."""
    gestion: Any = modele
    automatiques = [champ for champ in modele._meta.fields if getattr(champ, "auto_now", False)]
    for objet in objets:
        objet.modifie_le = le  # type: ignore[attr-defined]
    try:
        for champ in automatiques:
            champ.auto_now = False  # type: ignore[attr-defined]
        creees: list[Any] = gestion.objects.bulk_create(objets)
    finally:
        for champ in automatiques:
            champ.auto_now = True  # type: ignore[attr-defined]
    gestion.history.bulk_history_create(creees, default_date=le, default_user=par)
    return creees


def corriger(
    modele: type[M], objets: Sequence[M], champs: list[str], le: datetime.datetime, par: Utilisateur
) -> None:
    """Récrit ces champs comme si la personne les avait corrigés ce jour-là."""
    gestion: Any = modele
    for objet in objets:
        objet.modifie_le = le  # type: ignore[attr-defined]
    gestion._base_manager.bulk_update(objets, [*champs, "modifie_le"])
    gestion.history.bulk_history_create(objets, update=True, default_date=le, default_user=par)
