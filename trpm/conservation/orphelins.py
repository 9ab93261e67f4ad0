"""Les fichiers qu'aucune ligne ne tient : un dépôt tué avant la fin de sa transaction en laisse un.

La transaction ne défait pas le rangement. Un fichier récent peut être celui d'une transaction en cours : il
attend un jour. Ce qui n'est pas dans un dossier de l'application n'est pas à elle.
"""

from __future__ import annotations

import datetime

from django.core.files.storage import default_storage
from django.utils import timezone

from trpm.sauvegarde.prendre import fichiers_tenus, tous_les_fichiers

DOSSIERS = ("lots", "pieces", "traces", "transferts", "tuteurs")
ATTENTE = datetime.timedelta(days=1)


def oter_les_orphelins(maintenant: datetime.datetime) -> int:
    """Les fichiers se lisent avant les lignes : celui qu'une ligne vient de prendre est vu tenu."""
    presents = [nom for dossier in DOSSIERS for nom in tous_les_fichiers(dossier)]
    tenus = fichiers_tenus()
    orphelins = [nom for nom in presents if nom not in tenus and _attend_depuis(nom, maintenant - ATTENTE)]
    for nom in orphelins:
        default_storage.delete(nom)
    return len(orphelins)


def cette_nuit() -> int:
    return oter_les_orphelins(timezone.now())


def _attend_depuis(nom: str, jour: datetime.datetime) -> bool:
    return default_storage.exists(nom) and default_storage.get_modified_time(nom) < jour
