"""Ce que l'ouvrier fait de lui-même, et quand ; une ligne par travail."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.core.management import call_command
from django.utils import timezone
from django_q.models import Schedule, Task

GARDE_DES_ECHECS = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Horaire:
    nom: str
    fonction: str
    rythme: str
    heure: int
    """Heure locale du premier passage ; sans objet pour un travail de chaque heure."""
    jour: int | None = None
    """Jour de la semaine du premier passage, lundi 0 ; aucun : le prochain."""
    delai: int = 0
    """Secondes au bout desquelles le travail est arrêté ; 0, le délai commun."""

    def premier(self, maintenant: datetime.datetime) -> datetime.datetime:
        if self.rythme == Schedule.HOURLY:
            return maintenant
        passage = timezone.localtime(maintenant).replace(hour=self.heure, minute=0, second=0, microsecond=0)
        while passage <= maintenant or self.jour not in (None, passage.weekday()):
            passage += datetime.timedelta(days=1)
        return passage


HORAIRES = (
    Horaire("lots", "certification.lot.tirages.entretenir", Schedule.HOURLY, 0),
    Horaire("sauvegarde", "trpm.sauvegarde.prendre.nocturne", Schedule.DAILY, 2, delai=14400),
    Horaire("entretien", "trpm.taches.horaires.entretenir", Schedule.DAILY, 4, delai=1800),
    Horaire("conservation", "trpm.conservation.effacement.cette_nuit", Schedule.DAILY, 3, delai=1800),
    Horaire("fichiers", "trpm.conservation.orphelins.cette_nuit", Schedule.DAILY, 5, delai=1800),
    Horaire("avis", "trpm.accueil.avis.preparer", Schedule.WEEKLY, 7, jour=0, delai=1800),
)


def poser_les_horaires() -> None:
    """Pose ceux qui manquent, ôte ceux que l'on n'a plus ; le prochain passage des autres ne bouge pas."""
    maintenant = timezone.now()
    Schedule.objects.exclude(name__in=[un.nom for un in HORAIRES]).filter(cluster=None).delete()
    for un in HORAIRES:
        options = {"q_options": {"timeout": un.delai}} if un.delai else {}
        commun = {"func": un.fonction, "schedule_type": un.rythme, "kwargs": repr(options)}
        Schedule.objects.update_or_create(
            name=un.nom, defaults=commun, create_defaults={**commun, "next_run": un.premier(maintenant)}
        )


def entretenir() -> None:
    """Chaque nuit : ce qui n'a plus à être gardé s'efface."""
    call_command("clearsessions")
    call_command("axes_reset_logs", age=365)
    call_command("purger_operations")
    Task.objects.filter(success=False, stopped__lt=timezone.now() - GARDE_DES_ECHECS).delete()
