"""Faire ici même, dans le processus du test, ce que la file des tâches présenterait à un ouvrier."""

from pydoc import locate

from django_q.models import OrmQ


def une_tache() -> bool:
    """Fait la première tâche ; faux s'il n'y en a aucune."""
    premiere = OrmQ.objects.order_by("pk").first()
    if premiere is None:
        return False
    premiere.delete()
    tache = premiere.task
    locate(tache["func"])(*tache["args"], **tache["kwargs"])
    return True


def toutes_les_taches() -> None:
    while une_tache():
        pass
