"""Ce qui se décide pendant qu'un dossier est ouvert : de quoi savoir, en une requête, s'il a changé."""

from __future__ import annotations

from django.db.models import Count, Max, Q

from certification.dossier.models import Dossier
from trpm.base.concurrence import jeton


def etat_du_fil(dossier: int) -> str:
    """Un jeton qui change avec toute décision, saisie, version figée, réouverture ou clôture."""
    faits = Dossier.objects.filter(pk=dossier).aggregate(
        Max("modifie_le"),
        Count("decisions", distinct=True),
        Max("decisions__modifie_le"),
        Max("versions__pk"),
        figee=Count("versions", filter=Q(versions__rouverte_le__isnull=True), distinct=True),
        clos=Max("clos_le"),
    )
    return jeton(*faits.values())
