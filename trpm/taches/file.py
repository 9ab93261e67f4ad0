"""Confier un travail au fond, et savoir s'il avance. La file est celle de django-q2 (`courtiers`)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task


def enfiler(fonction: str, *arguments: Any, delai: int | None = None) -> None:
    """Inscrit l'appel de `fonction` (son chemin), avec ce qui demande ce travail : dans la même transaction
    quand la base est la file, à sa fin quand c'est Redis. Une tâche peut être présentée deux fois : elle
    doit le supporter. Ses arguments restent en base : des numéros, jamais un nom.
    """
    options = {"timeout": delai} if delai else {}
    inscrire = partial(async_task, fonction, *arguments, q_options=options)
    if settings.REDIS_DES_TACHES:
        transaction.on_commit(inscrire)
    else:
        inscrire()


def quelqu_un_travaille() -> bool:
    """Une tâche au moins est prêtée à un ouvrier, et son bail court."""
    return bool(get_broker().lock_size())


def reste_a_faire() -> bool:
    courtier = get_broker()
    return bool(courtier.queue_size() or courtier.lock_size())
