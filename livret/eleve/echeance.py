"""Ce qu'il reste de temps avant l'examen."""

import datetime

from livret.personnes.models.eleve import Eleve


def fin_de_formation(eleve: Eleve) -> datetime.date:
    """Fin juin de la session : une date par défaut, que les textes ne donnent pas (Q30)."""
    return datetime.date(eleve.promotion.session, 6, 30)


def semaines_restantes(eleve: Eleve, jour: datetime.date) -> int:
    """Semaines entamées d'ici là, vacances comprises."""
    return max(0, -((jour - fin_de_formation(eleve)).days // 7))
