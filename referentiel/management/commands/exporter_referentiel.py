from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.models import Referentiel


class Command(BaseCommand):
    help = "Écrit un référentiel sur la sortie standard, dans le format que l’import accepte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="Code du référentiel, par exemple TRPM.")
        parser.add_argument("version", help="Version du référentiel, par exemple 2020.")

    def handle(self, *, code: str, version: str, **options: Any) -> None:
        referentiel = Referentiel.objects.filter(code=code, version=version).first()
        if referentiel is None:
            raise CommandError(f"Aucun référentiel {code} {version} dans la base.")
        self.stdout.write(ContenuReferentiel(referentiel).texte(), ending="")
