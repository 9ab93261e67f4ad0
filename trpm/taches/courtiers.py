"""Où attendent les tâches : la base ; ou Redis (`en_redis`). Toujours à bail.

Un courtier prête une tâche pour un temps et ne l'oublie qu'une fois rendue : celle d'un ouvrier tué est
présentée de nouveau. Le bail est le délai propre de la tâche, un peu allongé : une sauvegarde peut durer
plus qu'un document sans qu'un second ouvrier la reprenne.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import BadSignature, SignedPackage

MARGE = 10
"""Secondes laissées au chien de garde pour arrêter une tâche trop longue avant qu'un autre la prenne."""


def duree_du_bail(tache: str) -> int:
    try:
        delai = SignedPackage.loads(tache).get("timeout")
    except (BadSignature, TypeError):
        delai = None
    return (delai or Conf.TIMEOUT) + MARGE


class EnBase(ORM):
    """Les tâches dans la base de l'application : inscrites dans la transaction de ce qui les demande."""

    @staticmethod
    def get_connection(list_key: str | None = None) -> Any:
        return ORM.get_connection(list_key).order_by("pk")

    def timeout(self, task: OrmQ) -> datetime.datetime:
        return timezone.now() + datetime.timedelta(seconds=duree_du_bail(task.payload))
