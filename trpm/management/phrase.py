"""Donner une phrase de passe à une commande sans l'écrire dans la liste des processus."""

from __future__ import annotations

from getpass import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser


def ajouter_la_phrase(parser: CommandParser) -> None:
    parser.add_argument("--phrase-dans", type=Path, help="un fichier dont la première ligne est la phrase")
    parser.add_argument("--demander-la-phrase", action="store_true", help="la taper au clavier")


def phrase_de(options: dict[str, Any]) -> str:
    if options["phrase_dans"]:
        return options["phrase_dans"].read_text(encoding="utf-8").splitlines()[0]
    return getpass("Phrase de passe\xa0: ") if options["demander_la_phrase"] else settings.SAUVEGARDES_PHRASE
