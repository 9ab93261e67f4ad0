"""Les lignes que n'a aucune notion : ce que la base retient des envois, des sorties et des durées réglées."""

from trpm.base.envois import EnvoiRecu
from trpm.conservation.models import DureeReglee
from trpm.echanges.models import Sortie

__all__ = ["DureeReglee", "EnvoiRecu", "Sortie"]
