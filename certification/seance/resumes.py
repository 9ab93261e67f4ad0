"""Ce que la séance montre de chaque dossier, gardé par commission (`gardes`).

Composer une grille coûte une milliseconde ; un établissement en montre mille.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from certification.dossier.models import Dossier
from certification.dossier.resultats import dossiers_lus
from certification.seance.gardes import Gardes
from certification.seance.gestes import GestesAFaire
from certification.seance.suivi import DossierSuivi

DOSSIERS_GARDES = 4000
COMMISSIONS_A_LA_FOIS = 10


def composes(commissions: Sequence[int]) -> dict[int, tuple[DossierSuivi, ...]]:
    """Les dossiers de ces commissions, composés ; un nombre constant de requêtes."""
    lus = dossiers_lus(Dossier.objects.vivants().filter(commission__in=commissions), abreges=True)
    gestes = GestesAFaire(lus)
    groupes: dict[int, list[DossierSuivi]] = defaultdict(list)
    for lu in lus:
        groupes[lu.dossier.commission_id].append(gestes.suivi(lu))
    return {pk: tuple(groupes[pk]) for pk in commissions}


class Resumes(Gardes[tuple[DossierSuivi, ...]]):
    def __init__(self, place: int = DOSSIERS_GARDES) -> None:
        super().__init__(composes, place, len, COMMISSIONS_A_LA_FOIS)

    def de(self, commissions: Iterable[int]) -> list[DossierSuivi]:
        """Les dossiers vivants de ces commissions. Une requête si rien n'a changé."""
        return [un for suivis in self.par_commission(commissions).values() for un in suivis]


RESUMES = Resumes()
