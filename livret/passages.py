"""Le bouton qui change l'état d'un objet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """Un changement d'état proposé : son verbe et sa conséquence, dite avant d'appuyer."""

    etat: str
    verbe: str
    consequence: str
    principal: bool = False
