"""Les lignes que n'a aucune notion : ce que la base retient des envois et des sauvegardes."""

from trpm.base.envois import EnvoiRecu
from trpm.sauvegarde.models import Restauration, Sauvegarde

__all__ = ["EnvoiRecu", "Restauration", "Sauvegarde"]
