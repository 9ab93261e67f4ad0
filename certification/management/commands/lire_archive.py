from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certification.archives import empreinte_de_la_cle, grilles
from certification.management.commands.verifier_archive import octets
from trpm.archive import alterations, lire


class Command(BaseCommand):
    help = "Relit une archive de commission, sans base de données : candidats, niveaux et notes."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", type=Path)

    def handle(self, *, fichier: Path, **options: Any) -> None:
        contenu = octets(fichier)
        try:
            fichiers = lire(contenu)
            lues = list(grilles(fichiers))
        except (BadZipFile, ValueError, TypeError, KeyError) as faute:
            raise CommandError(
                f"{fichier} ne se lit pas comme une archive de commission ; "
                "manage.py verifier_archive dit ce qui a changé."
            ) from faute
        for constat in alterations(contenu, empreinte_de_la_cle()):
            self.stderr.write(f"Attention : {constat}")
        for nom, grille in lues:
            niveaux = ", ".join(f"{ligne.code} {_niveau(grille, ligne)}" for ligne in grille.lignes)
            self.stdout.write(f"{nom}\n  {grille.candidat}, {grille.epreuve.code} : {grille.texte_note}")
            self.stdout.write(f"  {niveaux}")


def _niveau(grille: Any, ligne: Any) -> str:
    degre = grille.degre(ligne.valeur)
    return "ND" if ligne.non_demontree else degre.code if degre else "NE"
