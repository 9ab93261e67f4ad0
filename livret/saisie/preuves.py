"""Les preuves d'un élève dans une situation, case par case."""

from __future__ import annotations

from dataclasses import dataclass

from livret.evaluation.trace import Trace
from livret.saisie.grille import CaseSaisie, GrilleDeSaisie


@dataclass(frozen=True)
class CasePreuves:
    """Une case et les preuves qui la visent ; sans colonne, la fiche entière."""

    case: CaseSaisie
    traces: tuple[Trace, ...]

    @property
    def cle(self) -> str:
        return _cle(self.case)


def preuves_par_case(grille: GrilleDeSaisie) -> list[CasePreuves]:
    """La fiche d'abord, puis chaque case, avec leurs preuves. `grille` : celle du seul élève. Une requête."""
    (ligne,) = grille.lignes
    traces: dict[str, list[Trace]] = {}
    siennes = Trace.objects.gardees().filter(situation=grille.situation, eleve=ligne.eleve)
    for une in siennes.select_related("auteur"):
        traces.setdefault(une.cle, []).append(une)
    cases = [ligne.commentaire, *(case for case in ligne.cases if case.concernee)]
    return [CasePreuves(case, tuple(traces.get(_cle(case), ()))) for case in cases]


def _cle(case: CaseSaisie) -> str:
    return case.colonne.cle if case.colonne else ""
