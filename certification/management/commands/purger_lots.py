from typing import Any

from django.core.management.base import BaseCommand

from certification.lot.tirages import purger


class Command(BaseCommand):
    help = "Efface les lots plus anciens que LOTS_JOURS jours, fichiers compris ; l’ouvrier le fait aussi."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"Lots effacés : {purger()}.")
