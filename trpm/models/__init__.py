"""Les lignes que n'a aucune notion : envois reçus, durées réglées, journal, sauvegardes, sorties."""

from trpm.base.envois import EnvoiRecu
from trpm.base.revisions import Revision
from trpm.conservation.models import DureeReglee
from trpm.echanges.models import Sortie
from trpm.journal import connexions
from trpm.journal.models import ActeNote
from trpm.sauvegarde.models import Restauration, Sauvegarde

__all__ = ["ActeNote", "DureeReglee", "EnvoiRecu", "Restauration", "Revision", "Sauvegarde", "Sortie"]

connexions.brancher()
