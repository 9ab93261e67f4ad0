"""L'ouvrier : fait ce que la file présente, jusqu'à ce qu'on l'arrête. L'équipe est celle de django-q2 : un
gardien, qui remplace l'ouvrier mort ou trop long et suit les horaires, et ses ouvriers."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from django_q.cluster import Cluster
from django_q.conf import Conf
from django_q.scheduler import scheduler

from trpm.sauvegarde.retablir import achever
from trpm.taches.file import reste_a_faire
from trpm.taches.horaires import poser_les_horaires

REPOS = 0.5
PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Fait en fond ce que le site lui confie\xa0: documents, courriels, sauvegardes, effacements."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ouvriers",
            type=int,
            default=settings.TACHES_OUVRIERS,
            help="Nombre de processus (réglage TACHES_OUVRIERS).",
        )
        parser.add_argument(
            "--une-fois", action="store_true", help="S’arrêter quand tout est fait, sans suivre les horaires."
        )

    def handle(self, *, ouvriers: int, une_fois: bool, **options: Any) -> None:
        Conf.WORKERS, Conf.SCHEDULER = ouvriers, not une_fois
        achever()
        if not une_fois:
            poser_les_horaires()
            scheduler()  # ce qui devait se faire pendant l'arrêt n'attend pas davantage
        connections.close_all()
        if sys.platform == "linux":
            os.register_at_fork(after_in_child=_mourir_avec_son_parent)
        equipe = Cluster()
        equipe.start()
        if une_fois:
            while reste_a_faire():
                time.sleep(REPOS)
            equipe.stop()
        equipe.sentinel.join()


def _mourir_avec_son_parent() -> None:
    """Tué net, le premier processus emporte les autres : personne ne travaille sans gardien."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
