"""`runserver` : applique les migrations d'abord, puis dit le code d'ouverture d'une installation neuve."""

from django.core.management import call_command
from whitenoise.runserver_nostatic.management.commands import runserver

from livret.ouverture.annonce import annoncer


class Command(runserver.Command):
    def check_migrations(self) -> None:
        """Django se contentait d'annoncer celles qui manquent."""
        call_command("migrate", verbosity=0, interactive=False)
        annoncer()
