from django.apps import AppConfig

from livret.declencheurs import GARDES, SUIVIS
from livret.personnes import alphabet
from trpm.base import declencheurs


class LivretConfig(AppConfig):
    name = "livret"
    verbose_name = "Livret de suivi"

    def ready(self) -> None:
        alphabet.brancher()
        declencheurs.brancher(self, (*GARDES, *SUIVIS))
