"""Le calendrier d'une personne, au format iCalendar (RFC 5545), écrit par la bibliothèque icalendar."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from certification.commission.agenda import commissions
from livret.models import Utilisateur
from livret.pfmp.agenda import pfmps
from trpm.base.a_la_demande import ALaDemande
from trpm.base.agenda import RendezVous

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = ALaDemande("icalendar")

NOTIONS = (pfmps, commissions)
PASSE = datetime.timedelta(days=365)
RELIRE = datetime.timedelta(hours=4)


def rendez_vous_de(user: Utilisateur, jour: datetime.date) -> list[RendezVous]:
    """Ce qui se tient, depuis un an : chaque notion dit ses droits."""
    return [une for notion in NOTIONS for une in notion(user, jour - PASSE)]


def flux(lignes: list[RendezVous], racine: str, hote: str, maintenant: datetime.datetime) -> bytes:
    """`racine` : l'adresse du site, devant celle de chaque page ; `hote` : ce qui rend les clés uniques."""
    nom = settings.NOM_DU_PRODUIT
    calendrier = icalendar.Calendar.new(
        prodid=f"-//{nom}//calendrier//FR",
        uid=f"calendrier@{hote}",
        name=nom,
        language="fr",
        refresh_interval=RELIRE,
    )
    calendrier.add("x-wr-calname", nom)  # Google et Outlook ne lisent que celui-là
    for une in lignes:
        calendrier.add_component(_evenement(une, racine, hote, maintenant))
    if heures := [une.debut for une in lignes if isinstance(une.debut, datetime.datetime)]:
        # Les seules années qui servent : un lecteur ancien se perd dans un fuseau décrit depuis 1970.
        calendrier.add_missing_timezones(
            datetime.date(min(heures).year - 1, 1, 1), datetime.date(max(heures).year + 1, 12, 31)
        )
    return calendrier.to_ical()


def _evenement(une: RendezVous, racine: str, hote: str, maintenant: datetime.datetime) -> icalendar.Event:
    """D'un jour, la fin est le lendemain (RFC 5545, 3.6.1) ; d'une heure, la durée n'est pas connue."""
    a_l_heure = isinstance(une.debut, datetime.datetime)
    return icalendar.Event.new(
        uid=f"{une.cle}@{hote}",
        stamp=maintenant,
        summary=une.titre,
        start=une.debut,
        end=None if a_l_heure else (une.fin or une.debut) + datetime.timedelta(days=1),
        location=une.lieu or None,
        url=racine + une.adresse,
    )
