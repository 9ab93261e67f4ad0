import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from livret.saisie.operation import Operation
from livret.situation.models.situation import Situation

JOURS = 180
MINIMUM = 30


class Command(BaseCommand):
    help = (
        "Efface les opérations de saisie dont aucun appareil n’a plus besoin. Ni les niveaux ni leur "
        "historique ne changent : une opération ne sert qu’à reconnaître un envoi reçu deux fois."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--jours",
            type=int,
            default=JOURS,
            help=f"âge à partir duquel une opération s’efface ({JOURS} par défaut, {MINIMUM} au moins)",
        )

    def handle(self, *args: Any, jours: int, **options: Any) -> None:
        if jours < MINIMUM:
            raise CommandError(
                f"Un appareil peut rester longtemps sans réseau : gardez au moins {MINIMUM} jours."
            )
        seuil = timezone.now() - datetime.timedelta(days=jours)
        finie = Q(situation__etat=Situation.Etat.CLOSE) | Q(situation__fin__lt=timezone.localdate(seuil))
        effacees, _ = Operation.objects.filter(finie, recue_le__lt=seuil).delete()
        gardees = Operation.objects.count()
        self.stdout.write(f"Opérations effacées\xa0: {effacees}\xa0; gardées\xa0: {gardees}.")
