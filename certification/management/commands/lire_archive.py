from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certification.lot.archive import dossier_relu, grilles
from certification.management.commands.verifier_archive import octets
from trpm.base.archive import alterations, lire
from trpm.base.signature import empreinte_de_la_cle


class Command(BaseCommand):
    help = "Relit une archive de commission, sans base de données : candidats, niveaux et notes."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", type=Path)

    def handle(self, *, fichier: Path, **options: Any) -> None:
        contenu = octets(fichier)
        try:
            relus = [dossier_relu(nom, grille) for nom, grille in grilles(lire(contenu))]
        except (BadZipFile, ValueError, TypeError, KeyError) as faute:
            raise CommandError(
                f"{fichier} ne se lit pas comme une archive de commission ; "
                "manage.py verifier_archive dit ce qui a changé."
            ) from faute
        for constat in alterations(contenu, empreinte_de_la_cle()):
            self.stderr.write(f"Attention : {constat}")
        for relu in relus:
            self.stdout.write(f"{relu.fichier}\n  {relu.candidat}, {relu.epreuve} : {relu.note}")
            self.stdout.write(f"  {relu.niveaux}")
