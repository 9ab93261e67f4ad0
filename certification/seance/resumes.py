"""Ce que la séance montre de chaque dossier, gardé tant qu'il ne change pas (`gardes`).

Composer une grille coûte une milliseconde ; un établissement en montre mille.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from certification.dossier.resultats import dossiers_de
from certification.seance.gardes import GardesParCommission
from certification.seance.gestes import GestesAFaire
from certification.seance.suivi import DossierSuivi

DOSSIERS_GARDES = 4000
DOSSIERS_A_LA_FOIS = 300


def composes(dossiers: Sequence[int]) -> dict[int, DossierSuivi]:
    """Ceux de ces dossiers qui sont vivants, composés ; un nombre constant de requêtes."""
    lus = [lu for lu in dossiers_de(dossiers, abreges=True) if not lu.clos]
    gestes = GestesAFaire(lus)
    return {lu.dossier.pk: gestes.suivi(lu) for lu in lus}


class Resumes(GardesParCommission[DossierSuivi, list[DossierSuivi]]):
    def __init__(self, place: int = DOSSIERS_GARDES) -> None:
        super().__init__(composes, DOSSIERS_A_LA_FOIS, place, list, place, len)

    def de(self, commissions: Collection[int]) -> list[DossierSuivi]:
        """Les dossiers vivants de ces commissions. Une requête si rien n'a changé."""
        return [un for suivis in self.par_commission(commissions).values() for un in suivis]


RESUMES = Resumes()
