"""L'ouvrier des lots : prend les tirages en base et les rend, jusqu'à ce qu'on l'arrête."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from certification.lot.tirages import purger, travailler_une_fois

REPOS = 1.0
ENTRE_DEUX_PURGES = 3600.0


class Command(BaseCommand):
    help = "Tire en fond les documents des lots demandés, et efface les lots périmés."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ouvriers",
            type=int,
            default=settings.LOTS_OUVRIERS,
            help="Nombre de processus (réglage LOTS_OUVRIERS).",
        )
        parser.add_argument("--une-fois", action="store_true", help="S’arrêter quand tout est tiré.")

    def handle(self, *, ouvriers: int, une_fois: bool, **options: Any) -> None:
        self.arret = False
        for numero in (signal.SIGTERM, signal.SIGINT):
            signal.signal(numero, self._arreter)
        if ouvriers > 1:
            self._equipe(ouvriers, une_fois)
        else:
            self._seul(une_fois)

    def _arreter(self, *_: object) -> None:
        """Le document en cours se termine ; le suivant attendra."""
        self.arret = True

    def _seul(self, une_fois: bool) -> None:
        purge = 0.0
        while not self.arret:
            close_old_connections()
            if time.monotonic() - purge > ENTRE_DEUX_PURGES or not purge:
                purger()
                purge = time.monotonic()
            if travailler_une_fois():
                continue
            if une_fois:
                return
            time.sleep(REPOS)

    def _equipe(self, ouvriers: int, une_fois: bool) -> None:
        """Un processus par ouvrier ; celui qui disparaît est remplacé."""
        commande = [sys.executable, str(settings.BASE_DIR / "manage.py"), "travailler", "--ouvriers", "1"]
        commande += ["--une-fois"] if une_fois else []
        equipe = [subprocess.Popen(commande) for _ in range(ouvriers)]  # noqa: S603 : rien ne vient d'ailleurs
        while equipe and not self.arret:
            time.sleep(0.1)
            finis = [membre for membre in equipe if membre.poll() is not None]
            equipe = [membre for membre in equipe if membre not in finis]
            if finis and not une_fois:
                time.sleep(REPOS)
                equipe += [subprocess.Popen(commande) for _ in finis]  # noqa: S603
        for membre in equipe:
            membre.terminate()
        for membre in equipe:
            membre.wait()
