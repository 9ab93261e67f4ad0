"""Ce qu'un processus garde par dossier et par commission, tant que rien n'y a changé.

Chaque valeur va avec une révision (`certification/commission/revision.py`), lue avant : la base l'avance à
toute écriture qui pourrait y changer quelque chose. Rien n'est donc périmé, et rien de nominatif n'est écrit
ailleurs que dans les tables dont il vient. Ce qui est gardé est borné.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from itertools import islice
from typing import Generic, Protocol, TypeVar

from django.utils import timezone

from certification.commission.revision import revisions_de_commissions, revisions_de_dossiers
from trpm.base.revisions import Reserve

T = TypeVar("T")


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
        self.revisions, self.composer, self.a_la_fois = revisions, composer, a_la_fois
        self.reserve: Reserve[int, T] = Reserve(place, poids)

    def de(self, commissions: Collection[int]) -> dict[int, T]:
        """Une requête si rien n'a changé."""
        jour = timezone.localdate()
        cles = {pk: (revision, jour) for pk, revision in self.revisions(commissions).items()}
        valeurs = self.reserve.connues(cles)
        a_lire = iter([pk for pk in cles if pk not in valeurs])
        while lot := list(islice(a_lire, self.a_la_fois)):
            composees = self.composer(lot)
            self.reserve.garder(cles, composees)
            valeurs |= composees
        return valeurs

    def vider(self) -> None:
        self.reserve.vider()


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
