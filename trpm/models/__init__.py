"""Les lignes que n'a aucune notion : envois reçus, durées réglées, sorties, actes du journal."""

from trpm.base.envois import EnvoiRecu
from trpm.conservation.models import DureeReglee
from trpm.echanges.models import Sortie
from trpm.journal import connexions
from trpm.journal.models import ActeNote

__all__ = ["ActeNote", "DureeReglee", "EnvoiRecu", "Sortie"]

connexions.brancher()
