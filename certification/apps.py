from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from certification import declencheurs


class CertificationConfig(AppConfig):
    name = "certification"
    verbose_name = "Certification"

    def ready(self) -> None:
        pre_migrate.connect(declencheurs.avant_migrate, sender=self, dispatch_uid="declencheurs-leves")
        post_migrate.connect(declencheurs.apres_migrate, sender=self, dispatch_uid="declencheurs-poses")
