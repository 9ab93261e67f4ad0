"""Les lignes que n'a aucune notion : ce que la base retient des envois eux-mêmes, et des durées réglées."""

from trpm.base.envois import EnvoiRecu
from trpm.conservation.models import DureeReglee

__all__ = ["DureeReglee", "EnvoiRecu"]
