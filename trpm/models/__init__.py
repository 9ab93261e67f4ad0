"""Les lignes que n'a aucune notion : les envois eux-mêmes, les durées réglées, les sauvegardes."""

from trpm.base.envois import EnvoiRecu
from trpm.conservation.models import DureeReglee
from trpm.sauvegarde.models import Restauration, Sauvegarde

__all__ = ["DureeReglee", "EnvoiRecu", "Restauration", "Sauvegarde"]
