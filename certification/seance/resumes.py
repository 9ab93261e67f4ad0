"""Ce que la séance montre de chaque dossier, gardé tant qu'il ne change pas (`gardes`).

Composer une grille coûte une milliseconde ; un établissement en montre mille.
"""

from __future__ import annotations

from collections.abc import Sequence

from certification.dossier.models import Dossier
from certification.dossier.resultats import dossiers_lus
from certification.seance.gardes import Gardes
from certification.seance.gestes import GestesAFaire
from certification.seance.suivi import DossierSuivi

DOSSIERS_GARDES = 4000
DOSSIERS_A_LA_FOIS = 300


def composes(dossiers: Sequence[int]) -> dict[int, DossierSuivi]:
    """Ceux de ces dossiers qui sont vivants, composés ; un nombre constant de requêtes."""
    lus = dossiers_lus(Dossier.objects.vivants().filter(pk__in=dossiers), abreges=True)
    gestes = GestesAFaire(lus)
    return {lu.dossier.pk: gestes.suivi(lu) for lu in lus}


RESUMES = Gardes(composes, DOSSIERS_GARDES, DOSSIERS_A_LA_FOIS)
