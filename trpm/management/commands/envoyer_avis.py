from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from trpm.accueil.avis import avis_du
from trpm.courriel import courriel_regle


class Command(BaseCommand):
    help = (
        "Envoie sans attendre l’avis hebdomadaire à qui l’a gardé et que quelque chose attend. L’ouvrier le "
        "fait chaque lundi\xa0; relancée la même semaine, la commande n’écrit à personne deux fois."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--essai", action="store_true", help="dit ce qui partirait, sans rien envoyer")

    def handle(self, *args: Any, essai: bool, **options: Any) -> None:
        if not settings.ADRESSE_DU_SITE:
            raise CommandError(
                "Réglez ADRESSE_DU_SITE\xa0: sans elle, les liens d’un courriel ne mènent nulle part."
            )
        if not (essai or courriel_regle()):
            raise CommandError("Aucun serveur de courriel n’est réglé\xa0: voir EMAIL_URL.")
        partis = refuses = 0
        for avis in avis_du(timezone.now()):
            if essai:
                self.stdout.write(f"{avis.user.username}\xa0: {avis.total}")
            elif refus := avis.partir():
                refuses += 1
                self.stderr.write(f"{avis.user.username}\xa0: {refus}")
            else:
                partis += 1
        self.stdout.write(f"Avis envoyés\xa0: {partis}\xa0; refusés\xa0: {refuses}.")
