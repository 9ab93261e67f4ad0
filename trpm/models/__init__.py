"""Les lignes que n'a aucune notion : ce que la base retient des envois eux-mêmes."""

from trpm.base.envois import EnvoiRecu

__all__ = ["EnvoiRecu"]
