from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from livret.models import Etablissement
from trpm.conservation.echeances import echeances
from trpm.conservation.effacement import appliquer_durees


class Command(BaseCommand):
    help = (
        "Efface ou anonymise ce qui a dépassé sa durée de conservation. À planifier chaque nuit\xa0; "
        "relancée, la commande n’a plus rien à faire."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--essai", action="store_true", help="dit ce qui partirait, sans rien effacer")

    def handle(self, *args: Any, essai: bool, **options: Any) -> None:
        maintenant = timezone.now()
        if essai:
            for lieu in Etablissement.objects.order_by("pk"):
                for une in echeances(lieu, timezone.localdate(maintenant)).echues:
                    self.stdout.write(f"{lieu.uai}\xa0: {une.genre} n° {une.pk}, {une.suite}")
            return
        partis = appliquer_durees(maintenant)
        for quoi, nombre in sorted(partis.items()):
            self.stdout.write(f"{quoi.capitalize()}\xa0: {nombre}.")
        if not partis:
            self.stdout.write("Rien n’a dépassé sa durée de conservation.")
