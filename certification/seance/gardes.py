"""Ce qu'un processus garde par dossier, tant que rien n'y a changé.

Chaque valeur va avec la révision de son dossier (`certification/commission/revision.py`), lue avant : la base
l'avance à toute écriture qui pourrait y changer quelque chose. Rien n'est donc périmé, et rien de nominatif
n'est écrit ailleurs que dans les tables dont il vient. Ce qui est gardé est borné.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from threading import Lock
from typing import Generic, Protocol, TypeVar

from django.utils import timezone

from certification.commission.revision import RevisionDeDossier, revisions_de_dossiers


class Gardee(Protocol):
    """Ce que l'on montre d'un dossier, sans rien qui vienne d'un autre."""

    @property
    def commission(self) -> int: ...


T = TypeVar("T", bound=Gardee)
Cle = tuple[RevisionDeDossier, datetime.date]


class Gardes(Generic[T]):
    """Par dossier, sa révision, le jour (une situation se montre à partir d'une date) et une valeur.

    `composer` : les valeurs de quelques dossiers, `a_la_fois` au plus, en un nombre constant de requêtes ;
    `place` : combien l'on en garde.
    """

    def __init__(
        self, composer: Callable[[Sequence[int]], Mapping[int, T]], place: int, a_la_fois: int
    ) -> None:
        self.composer, self.place, self.a_la_fois = composer, place, a_la_fois
        self._verrou = Lock()
        self._gardes: OrderedDict[int, tuple[Cle, T]] = OrderedDict()

    def de(self, commissions: Collection[int]) -> list[T]:
        """Les valeurs des dossiers vivants de ces commissions. Une requête si rien n'a changé."""
        jour = timezone.localdate()
        cles = {pk: (revision, jour) for pk, revision in revisions_de_dossiers(commissions).items()}
        valeurs = self._connues(cles)
        a_lire = iter([pk for pk in cles if pk not in valeurs])
        while lot := list(islice(a_lire, self.a_la_fois)):
            composees = self.composer(lot)
            self._garder(cles, composees)
            valeurs |= composees
        # Un dossier déplacé depuis que sa révision est lue n'est plus d'ici.
        return [une for une in valeurs.values() if une.commission in commissions]

    def vider(self) -> None:
        with self._verrou:
            self._gardes.clear()

    def _connues(self, cles: Mapping[int, Cle]) -> dict[int, T]:
        connues = {}
        with self._verrou:
            for pk, cle in cles.items():
                garde = self._gardes.get(pk)
                if garde and garde[0] == cle:
                    self._gardes.move_to_end(pk)
                    connues[pk] = garde[1]
        return connues

    def _garder(self, cles: Mapping[int, Cle], composees: Mapping[int, T]) -> None:
        """Les moins demandées s'en vont les premières."""
        with self._verrou:
            for pk, valeur in composees.items():
                self._gardes[pk] = cles[pk], valeur
                self._gardes.move_to_end(pk)
            while len(self._gardes) > self.place:
                self._gardes.popitem(last=False)
