"""Les rangées de l'avancement et d'une commission, écrites d'un trait, d'après les cases déjà mises en page.

Une case ou une rangée gardée vient d'un gabarit, qui a échappé tout texte.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

from certification.seance.avancement import CandidatSuivi
from certification.seance.suivi import DossierMontre

SANS_DOSSIER = '<span class="aucune">sans dossier</span>'
_sur = lru_cache(maxsize=4096)(escape)


def rangees_de_commission(dossiers: Iterable[DossierMontre]) -> SafeString:
    return mark_safe("".join([f"{un.rangee()}\n          " for un in dossiers]))


def rangees_d_avancement(rangees: Iterable[CandidatSuivi]) -> SafeString:
    return mark_safe("".join([_rangee(rangee) for rangee in rangees]))


def _rangee(rangee: CandidatSuivi) -> str:
    lien = f'<a href="{rangee.premier.lu.adresse}">{_sur(str(rangee.eleve))}</a>'
    option = f'<span class="poids">{_sur(rangee.option)}</span>'
    cases = "".join([_cases(cellules) for cellules in rangee.cellules])
    return f'<tr><th scope="row">{lien} {option}</th>{cases}</tr>\n'


def _cases(cellules: Iterable[DossierMontre]) -> str:
    return f"<td>{''.join([une.case() for une in cellules]) or SANS_DOSSIER}</td>"
