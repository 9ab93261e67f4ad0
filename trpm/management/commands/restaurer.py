from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trpm.management.phrase import ajouter_la_phrase, phrase_de
from trpm.sauvegarde.coffre import SauvegardeRefusee
from trpm.sauvegarde.retablir import restaurer


class Command(BaseCommand):
    help = "Remplace la base et les fichiers par ceux d’une sauvegarde. Arrêtez d’abord le site et l’ouvrier."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", type=Path)
        ajouter_la_phrase(parser)

    def handle(self, *, fichier: Path, **options: Any) -> None:
        try:
            entete = restaurer(fichier, phrase_de(options))
        except SauvegardeRefusee as refus:
            raise CommandError(str(refus)) from refus
        self.stdout.write(f"Sauvegarde du {entete['prise_le']} rétablie.")
