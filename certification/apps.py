from django.apps import AppConfig

from certification.declencheurs import GARDES, SUIVIS
from trpm.base import declencheurs


class CertificationConfig(AppConfig):
    name = "certification"
    verbose_name = "Certification"

    def ready(self) -> None:
        declencheurs.brancher(self, (*GARDES, *SUIVIS))
