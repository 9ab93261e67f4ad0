from django.apps import AppConfig

from livret.declencheurs import GARDES
from trpm import declencheurs


class LivretConfig(AppConfig):
    name = "livret"
    verbose_name = "Livret de suivi"

    def ready(self) -> None:
        declencheurs.brancher(self, GARDES)
