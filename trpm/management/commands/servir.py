"""Servir pour de bon, en une commande : migrations, fichiers statiques, puis gunicorn prend la place."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

CONFIGURATION = ("--config", "python:trpm.base.serveur")


class Command(BaseCommand):
    help = "Applique les migrations, réunit les fichiers statiques, puis sert le site par gunicorn."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "options", nargs="*", help="passées à gunicorn, après deux tirets\xa0: -- --bind 127.0.0.1:8000"
        )

    def handle(self, *arguments: Any, options: list[str], **autres: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=0, interactive=False)
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *CONFIGURATION, *options])  # noqa: S606
