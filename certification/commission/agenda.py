"""Les commissions d'une personne, pour son calendrier. Une requête, aucune pour qui n'y siège pas."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from certification.commission.models import Commission
from livret.models import Utilisateur
from trpm.acces import peut
from trpm.base.agenda import RendezVous
from trpm.permissions import Action


def commissions(user: Utilisateur, depuis: datetime.date) -> list[RendezVous]:
    """Une ligne par réunion, ou par commission qui se tient seule ; celles qui sont closes n'y sont plus."""
    if not peut(user, Action.VOIR_COMMISSION):
        return []
    siennes = Commission.objects.for_user(user, Action.VOIR_COMMISSION).ouvertes().filter(date__gte=depuis)
    lues = siennes.select_related("etablissement", "reunion").order_by("date", "pk")
    lignes = {une.cle: une for une in map(_rendez_vous, lues)}
    return list(lignes.values())


def _rendez_vous(commission: Commission) -> RendezVous:
    tenue = commission.reunion or commission
    genre = "reunion" if commission.reunion else "commission"
    debut = tenue.date
    if tenue.heure:
        heure = ZoneInfo(commission.etablissement.fuseau)
        debut = datetime.datetime.combine(tenue.date, tenue.heure, tzinfo=heure)
    return RendezVous(f"{genre}-{tenue.pk}", tenue.intitule, debut, tenue.get_absolute_url(), lieu=tenue.lieu)
