from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from trpm.management.phrase import ajouter_la_phrase, phrase_de
from trpm.sauvegarde.coffre import SauvegardeRefusee
from trpm.sauvegarde.prendre import SUFFIXE, noter, sauvegarder


class Command(BaseCommand):
    help = (
        "Sauvegarde la base et les fichiers, pendant que l’on s’en sert, puis relit ce qu’elle a écrit. "
        "Une phrase de passe la chiffre\xa0: SAUVEGARDES_PHRASE, --phrase-dans, --demander-la-phrase."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", nargs="?", type=Path, help="par défaut, daté, dans SAUVEGARDES")
        ajouter_la_phrase(parser)

    def handle(self, *, fichier: Path | None, **options: Any) -> None:
        phrase = phrase_de(options)
        nom = f"{timezone.localtime():%Y-%m-%d-%Hh%M}{SUFFIXE}"
        try:
            chemin = sauvegarder(fichier or Path(settings.SAUVEGARDES) / nom, phrase)
        except (OSError, SauvegardeRefusee) as faute:
            raise CommandError(f"Sauvegarde manquée\xa0: {faute}") from faute
        noter(chemin, phrase)
        self.stdout.write(
            f"{chemin}\xa0: {chemin.stat().st_size} octets, {'' if phrase else 'non '}chiffrée."
        )
