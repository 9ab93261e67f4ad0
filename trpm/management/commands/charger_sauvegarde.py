"""Une partie de `restaurer`, dans son propre processus : remplit une base vide, DATABASE_URL."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from trpm.management.commands.migrate import batir, sans_tout_refaire
from trpm.sauvegarde.lignes import charger
from trpm.sauvegarde.models import Restauration
from trpm.sauvegarde.retablir import migrations_de


class Command(BaseCommand):
    help = "Remplit une base vide d’une sauvegarde dépliée\xa0; « restaurer » s’en sert."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dossier", type=Path)
        parser.add_argument("jeton")

    def handle(self, *, dossier: Path, jeton: str, **options: Any) -> None:
        if connection.introspection.table_names():
            raise CommandError("Cette base n’est pas vide.")
        executeur = MigrationExecutor(connection)
        cibles = migrations_de(dossier)
        if {*cibles} == {*executeur.loader.graph.leaf_nodes()}:
            batir(connection)
        else:
            with sans_tout_refaire():
                executeur.migrate(cibles)
        charger(MigrationExecutor(connection).loader.project_state(cibles).apps, connection, dossier / "base")
        call_command("migrate", verbosity=0)
        Restauration.objects.create(jeton=jeton)
