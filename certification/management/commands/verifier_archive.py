from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trpm.base.archive import alterations
from trpm.base.signature import empreinte_de_la_cle


class Command(BaseCommand):
    help = "Dit ce qui a changé dans une archive depuis sa signature ; échoue si quelque chose a changé."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", type=Path)
        parser.add_argument(
            "--cle",
            metavar="EMPREINTE",
            help="Empreinte de la clé attendue, si ce n’est plus celle de cette installation.",
        )

    def handle(self, *, fichier: Path, cle: str | None, **options: Any) -> None:
        attendue = cle or empreinte_de_la_cle()
        if constats := alterations(octets(fichier), attendue):
            raise CommandError("\n".join([f"{fichier} a changé depuis sa signature :", *constats]))
        self.stdout.write(f"{fichier} est intact, signé par la clé {attendue}.")


def octets(fichier: Path) -> bytes:
    try:
        return fichier.read_bytes()
    except OSError as faute:
        raise CommandError(f"Le fichier {fichier} ne se lit pas : {faute.strerror}.") from faute
