"""Une bibliothèque lourde, importée à son premier usage.

Mise en page, classeurs, lecture de PDF pèsent plus de la moitié du démarrage et un tiers de la mémoire d’un
processus ; la plupart des commandes, et des processus qui servent des pages, n’en ouvrent jamais. Le `Lazy
Loader` de Python ferait de même, mais deux fils pouvaient y lire un module à moitié chargé (gh-114763).
"""

from importlib import import_module
from types import ModuleType
from typing import Any


class ALaDemande(ModuleType):
    """Le module de ce nom : chaque attribut se lit dans le vrai, que Python n’importe qu’une fois."""

    def __getattr__(self, attribut: str) -> Any:
        return getattr(import_module(self.__name__), attribut)
