"""`migrate` : une base vide se bâtit d'un trait ; les autres avancent sans tout refaire à chaque opération.

Une base vide n'a pas de lignes à transformer : ses tables sont celles des modèles, et toutes les migrations
sont dites faites. Que les deux chemins mènent au même schéma est éprouvé (`tests/test_socle_migrations.py`).

Django refait, après chaque opération, la classe du modèle touché et celles de tout modèle qui lui est lié, de
proche en proche ; ici l’établissement et le compte lient presque tout. Écrire le schéma ne demande que la
classe touchée : une relation se retrouve par le nom du modèle. Ce qui lit ou écrit des lignes (`RunPython`)
demande à Django de tout refaire d’abord, parce que l’état se dit en retard (`is_delayed`).
"""

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from django.core.checks import Tags
from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

PARTIELLES = ("app_label", "fake", "fake_initial", "plan", "check_unapplied")


def _lui_seul(etat: ProjectState, application: str, modele: str, delay: bool = False) -> set[tuple[str, str]]:
    etat.is_delayed = True
    return {(application, modele)}


def sans_tout_refaire() -> AbstractContextManager[Any]:
    return patch.object(ProjectState, "_find_reload_model", _lui_seul)


def batir(base: BaseDatabaseWrapper) -> None:
    """Toutes les tables, et chaque migration dite faite : tout, ou rien."""
    chargees = MigrationLoader(base)
    with base.constraint_checks_disabled(), transaction.atomic(using=base.alias):
        tables = migrate.Command()
        tables.verbosity = 0
        tables.sync_apps(base, chargees.migrated_apps)
        MigrationRecorder(base).ensure_schema()
        for application, nom in chargees.disk_migrations:
            MigrationRecorder(base).record_applied(application, nom)


class Command(migrate.Command):
    # Écrire un schéma ne demande ni les adresses ni les vues.
    requires_system_checks = [Tags.models, Tags.database]

    def handle(self, *arguments: Any, **options: Any) -> None:
        base = connections[options["database"]]
        ordinaire = not any(options[nom] for nom in PARTIELLES)
        if ordinaire and not base.introspection.table_names():
            batir(base)
        with sans_tout_refaire():
            super().handle(*arguments, **options)
