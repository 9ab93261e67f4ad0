"""Ce que l'administrateur doit savoir des sauvegardes : la dernière bonne, et s'il faut s'inquiéter."""

from __future__ import annotations

from dataclasses import dataclass

from trpm.sauvegarde.models import Sauvegarde

RELUES = 30


@dataclass(frozen=True)
class EtatDesSauvegardes:
    bonne: Sauvegarde | None
    derniere: Sauvegarde | None

    @property
    def manquee(self) -> bool:
        return self.derniere is not None and not self.derniere.bonne

    @property
    def inquiete(self) -> bool:
        return self.bonne is None or self.bonne.vieille or self.manquee


def etat_des_sauvegardes() -> EtatDesSauvegardes:
    """Une requête."""
    prises = list(Sauvegarde.objects.all()[:RELUES])
    bonne = next((une for une in prises if une.bonne), None)
    return EtatDesSauvegardes(bonne, prises[0] if prises else None)
