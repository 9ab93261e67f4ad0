"""Ce qu'un processus garde par dossier et par commission, tant que rien n'y a changé.

Chaque valeur va avec une révision (`certification/commission/revision.py`), lue avant : la base l'avance à
toute écriture qui pourrait y changer quelque chose. Rien n'est donc périmé, et rien de nominatif n'est écrit
ailleurs que dans les tables dont il vient. Ce qui est gardé est borné.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from itertools import islice
from threading import Lock
from typing import Generic, Protocol, TypeVar

from django.utils import timezone

from certification.commission.revision import revisions_de_commissions, revisions_de_dossiers

T = TypeVar("T")
Cle = tuple[Hashable, datetime.date]


class Gardes(Generic[T]):
    """Par chose, sa révision, le jour (une situation se montre à partir d'une date) et une valeur.

    `revisions` : celles des choses de quelques commissions ; `composer` : les valeurs de quelques choses,
    `a_la_fois` au plus, en un nombre constant de requêtes ; `poids` : ce que l'une prend de la `place`.
    """

    def __init__(
        self,
        revisions: Callable[[Collection[int]], Mapping[int, Hashable]],
        composer: Callable[[Sequence[int]], Mapping[int, T]],
        place: int,
        poids: Callable[[T], int] = lambda _: 1,
        a_la_fois: int | None = None,
    ) -> None:
        self.revisions, self.composer, self.place, self.poids = revisions, composer, place, poids
        self.a_la_fois = a_la_fois
        self._verrou = Lock()
        self._gardes: OrderedDict[int, tuple[Cle, T]] = OrderedDict()
        self._prise = 0

    def de(self, commissions: Collection[int]) -> dict[int, T]:
        """Une requête si rien n'a changé."""
        jour = timezone.localdate()
        cles = {pk: (revision, jour) for pk, revision in self.revisions(commissions).items()}
        valeurs = self._connues(cles)
        a_lire = iter([pk for pk in cles if pk not in valeurs])
        while lot := list(islice(a_lire, self.a_la_fois)):
            composees = self.composer(lot)
            self._garder(cles, composees)
            valeurs |= composees
        return valeurs

    def vider(self) -> None:
        with self._verrou:
            self._gardes.clear()
            self._prise = 0

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
                if ancienne := self._gardes.pop(pk, None):
                    self._prise -= self.poids(ancienne[1])
                self._gardes[pk] = cles[pk], valeur
                self._prise += self.poids(valeur)
            while self._prise > self.place:
                self._prise -= self.poids(self._gardes.popitem(last=False)[1][1])


class DUnDossier(Protocol):
    """Ce que l'on montre d'un dossier, sans rien qui vienne d'un autre."""

    @property
    def commission(self) -> int: ...


D = TypeVar("D", bound=DUnDossier)


class GardesParCommission(Generic[D, T]):
    """Ce que `resumer` dit des dossiers d'une commission, dont ne se recomposent que ceux qui ont changé."""

    def __init__(
        self,
        composer: Callable[[Sequence[int]], Mapping[int, D]],
        a_la_fois: int,
        dossiers: int,
        resumer: Callable[[list[D]], T],
        commissions: int,
        poids: Callable[[T], int] = lambda _: 1,
    ) -> None:
        self.dossiers: Gardes[D] = Gardes(revisions_de_dossiers, composer, dossiers, a_la_fois=a_la_fois)
        self.commissions: Gardes[T] = Gardes(revisions_de_commissions, self._resumes, commissions, poids)
        self.resumer = resumer

    def par_commission(self, commissions: Collection[int]) -> dict[int, T]:
        """Une requête si rien n'a changé."""
        return self.commissions.de(commissions)

    def vider(self) -> None:
        self.commissions.vider()
        self.dossiers.vider()

    def _resumes(self, commissions: Sequence[int]) -> dict[int, T]:
        """Un dossier parti ailleurs depuis que sa révision est lue n'en est plus."""
        groupes: dict[int, list[D]] = {pk: [] for pk in commissions}
        for un in self.dossiers.de(commissions).values():
            if un.commission in groupes:
                groupes[un.commission].append(un)
        return {pk: self.resumer(siens) for pk, siens in groupes.items()}
