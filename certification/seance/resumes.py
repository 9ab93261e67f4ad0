"""Ce que la séance montre de chaque dossier, gardé par commission tant que rien n'y a changé.

Composer une grille coûte une milliseconde ; un établissement en montre mille. Chaque processus garde ce qu'il
a composé, avec la révision de la commission (`certification/commission/revision.py`) lue avant : la base
l'avance à toute écriture qui pourrait y changer quelque chose. Rien n'est donc périmé, et rien de nominatif
n'est écrit ailleurs que dans les tables dont il vient. Le nombre de dossiers gardés est borné.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from threading import Lock

from django.utils import timezone

from certification.commission.revision import revisions_de_commissions
from certification.dossier.models import Dossier
from certification.dossier.resultats import dossiers_lus
from certification.seance.gestes import GestesAFaire
from certification.seance.suivi import DossierSuivi

Cle = tuple[str, datetime.date]
DOSSIERS_GARDES = 4000
COMMISSIONS_A_LA_FOIS = 10


class Resumes:
    """Par commission, sa révision, le jour (une situation se montre à partir d'une date) et ses dossiers."""

    def __init__(self, place: int = DOSSIERS_GARDES) -> None:
        self.place = place
        self._verrou = Lock()
        self._gardes: OrderedDict[int, tuple[Cle, tuple[DossierSuivi, ...]]] = OrderedDict()

    def de(self, commissions: Iterable[int]) -> list[DossierSuivi]:
        """Les dossiers vivants de ces commissions. Une requête si rien n'a changé."""
        jour = timezone.localdate()
        cles = {pk: (revision, jour) for pk, revision in revisions_de_commissions(commissions).items()}
        connus = {pk: suivis for pk, cle in cles.items() if (suivis := self._connus(pk, cle)) is not None}
        a_lire = iter([pk for pk in cles if pk not in connus])
        while lot := list(islice(a_lire, COMMISSIONS_A_LA_FOIS)):
            for pk, suivis in composes(lot).items():
                connus[pk] = suivis
                self._garder(pk, cles[pk], suivis)
        return [un for suivis in connus.values() for un in suivis]

    def vider(self) -> None:
        with self._verrou:
            self._gardes.clear()

    def _connus(self, pk: int, cle: Cle) -> tuple[DossierSuivi, ...] | None:
        with self._verrou:
            garde = self._gardes.get(pk)
            if garde is None or garde[0] != cle:
                return None
            self._gardes.move_to_end(pk)
            return garde[1]

    def _garder(self, pk: int, cle: Cle, suivis: tuple[DossierSuivi, ...]) -> None:
        """Les moins demandées s'en vont les premières."""
        with self._verrou:
            self._gardes.pop(pk, None)
            self._gardes[pk] = (cle, suivis)
            while sum(len(autres) for _, autres in self._gardes.values()) > self.place:
                self._gardes.popitem(last=False)


RESUMES = Resumes()


def composes(commissions: Sequence[int]) -> dict[int, tuple[DossierSuivi, ...]]:
    """Les dossiers de ces commissions, composés ; un nombre constant de requêtes."""
    lus = dossiers_lus(Dossier.objects.vivants().filter(commission__in=commissions), abreges=True)
    gestes = GestesAFaire(lus)
    groupes: dict[int, list[DossierSuivi]] = defaultdict(list)
    for lu in lus:
        groupes[lu.dossier.commission_id].append(gestes.suivi(lu))
    return {pk: tuple(groupes[pk]) for pk in commissions}
