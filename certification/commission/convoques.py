"""Qui est convoqué : chacun une fois, pour toutes les épreuves où il siège."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from certification.commission.models import Commission, Membre
from livret.personnes.identifiants import plie
from referentiel.reglement.commission import PRESIDENT


@dataclass(frozen=True)
class Convoque:
    """Une personne, ce pour quoi elle vient, où et quand."""

    nom: str
    qualite: str
    epreuves: tuple[str, ...]
    date: datetime.date
    heure: datetime.time | None
    lieu: str


def convoques(commissions: Iterable[Commission]) -> tuple[Convoque, ...]:
    """Une convocation par personne, date, heure et lieu, dans l'ordre des listes.

    Les commissions viennent avec leur épreuve et leurs membres. Le chef de centre, ou son représentant,
    convoque : il n'est pas convoqué (DOMAINE.md, section 5).
    """
    reunis: dict[tuple[object, ...], tuple[Membre, Commission, list[str]]] = {}
    for commission in commissions:
        for membre in commission.membres.all():
            if membre.qualite == PRESIDENT:
                continue
            quand = (commission.date, commission.heure, commission.lieu)
            cle = (membre.utilisateur_id or plie(membre.nom), *quand)
            epreuve = f"{commission.epreuve.code} {commission.epreuve.intitule}"
            reunis.setdefault(cle, (membre, commission, []))[2].append(epreuve)
    return tuple(
        Convoque(
            membre.nom,
            commission.regles.qualite(membre.qualite),
            tuple(epreuves),
            commission.date,
            commission.heure,
            commission.lieu,
        )
        for membre, commission, epreuves in reunis.values()
    )
