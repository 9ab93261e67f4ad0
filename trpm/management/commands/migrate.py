"""`migrate`, sans refaire à chaque opération toutes les classes de modèles liées : neuf dixièmes du temps.

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
from django.db.migrations.state import ProjectState


def _lui_seul(etat: ProjectState, application: str, modele: str, delay: bool = False) -> set[tuple[str, str]]:
    etat.is_delayed = True
    return {(application, modele)}


def sans_tout_refaire() -> AbstractContextManager[Any]:
    return patch.object(ProjectState, "_find_reload_model", _lui_seul)


class Command(migrate.Command):
    # Écrire un schéma ne demande ni les adresses ni les vues.
    requires_system_checks = [Tags.models, Tags.database]

    def handle(self, *arguments: Any, **options: Any) -> None:
        with sans_tout_refaire():
            super().handle(*arguments, **options)
