"""Ce qu'un processus garde par commission, tant que rien n'y a changé.

Chaque valeur va avec la révision de sa commission (`certification/commission/revision.py`), lue avant : la
base l'avance à toute écriture qui pourrait y changer quelque chose. Rien n'est donc périmé, et rien de
nominatif n'est écrit ailleurs que dans les tables dont il vient. Ce qui est gardé est borné.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from threading import Lock
from typing import Generic, TypeVar

from django.utils import timezone

from certification.commission.revision import revisions_de_commissions

T = TypeVar("T")
Cle = tuple[str, datetime.date]


class Gardes(Generic[T]):
    """Par commission, sa révision, le jour (une situation se montre à partir d'une date) et une valeur.

    `composer` : les valeurs de quelques commissions, `a_la_fois` au plus, en un nombre constant de requêtes ;
    `poids` : ce que l'une prend de la `place`.
    """

    def __init__(
        self,
        composer: Callable[[Sequence[int]], Mapping[int, T]],
        place: int,
        poids: Callable[[T], int],
        a_la_fois: int,
    ) -> None:
        self.composer, self.place, self.poids, self.a_la_fois = composer, place, poids, a_la_fois
        self._verrou = Lock()
        self._gardes: OrderedDict[int, tuple[Cle, T]] = OrderedDict()

    def par_commission(self, commissions: Iterable[int]) -> dict[int, T]:
        """Une requête si rien n'a changé."""
        jour = timezone.localdate()
        cles = {pk: (revision, jour) for pk, revision in revisions_de_commissions(commissions).items()}
        connues = {pk: garde[1] for pk, cle in cles.items() if (garde := self._connue(pk, cle))}
        a_lire = iter([pk for pk in cles if pk not in connues])
        while lot := list(islice(a_lire, self.a_la_fois)):
            for pk, valeur in self.composer(lot).items():
                connues[pk] = valeur
                self._garder(pk, cles[pk], valeur)
        return connues

    def vider(self) -> None:
        with self._verrou:
            self._gardes.clear()

    def _connue(self, pk: int, cle: Cle) -> tuple[Cle, T] | None:
        with self._verrou:
            garde = self._gardes.get(pk)
            if garde is None or garde[0] != cle:
                return None
            self._gardes.move_to_end(pk)
            return garde

    def _garder(self, pk: int, cle: Cle, valeur: T) -> None:
        """Les moins demandées s'en vont les premières."""
        with self._verrou:
            self._gardes.pop(pk, None)
            self._gardes[pk] = (cle, valeur)
            while sum(self.poids(autre) for _, autre in self._gardes.values()) > self.place:
                self._gardes.popitem(last=False)
