from django.apps import AppConfig
from django.core import checks

from trpm import champs
from trpm.garde import entree
from trpm.impression.documents import verifier_pango


class TrpmConfig(AppConfig):
    name = "trpm"
    verbose_name = "Livret TRPM"

    def ready(self) -> None:
        checks.register(verifier_pango)
        champs.installer()
        entree.installer()
