"""Le tableau d'une classe en HTML, écrit d'un trait, comme la grille de saisie : un gabarit par case coûtait
la moitié de la page.

Tout texte venu d'une personne ou du référentiel est échappé. Un niveau et une position se dessinent par les
mêmes fonctions que partout ailleurs.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from livret.personnes.photo import portrait
from livret.progression.attendu import RepereEleve
from livret.progression.attentes import RangeeSituee
from livret.progression.dessin import niveau_dessine, position_dessinee
from livret.synthese.ligne import CaseTableau
from livret.synthese.tableau import RangeeTableau
from trpm.dates import date_dite
from trpm.textes import ancre

_sur = lru_cache(maxsize=4096)(escape)


@lru_cache(maxsize=1024)
def _jour(jour: datetime.date) -> str:
    return date_dite(jour)


def rangees(situees: Iterable[RangeeSituee], option: int, photos: Mapping[int, str]) -> SafeString:
    """Une rangée par élève ; `option` : celle de la classe, que l'on n'a pas à redire."""
    return mark_safe(
        "".join(
            [_rangee(livret, cases, option, photos.get(livret.eleve.pk, "")) for livret, cases in situees]
        )
    )


def _rangee(
    livret: RangeeTableau,
    cases: list[tuple[CaseTableau | None, RepereEleve | None]],
    option: int,
    photo: str,
) -> str:
    eleve = livret.eleve
    adresse = reverse("livret:eleve", args=[eleve.pk])
    autre = f" <small>{_sur(eleve.option.code)}</small>" if eleve.option_id != option else ""
    return (
        f'<tr><th scope="row">{portrait(photo)}<a href="{adresse}">{escape(str(eleve))}</a>{autre}</th>'
        f"{''.join([_case(adresse, case, repere) for case, repere in cases])}"
        f'<td class="compte">{livret.evaluees} / {len(livret.lignes)}</td></tr>\n'
    )


def _case(adresse: str, case: CaseTableau | None, repere: RepereEleve | None) -> str:
    if case is None:
        return '<td class="case hachuree"><span class="visually-hidden">hors option</span></td>'
    if case.degre and case.date:
        preuve = f"{case.situation}, {case.lieu}, {_jour(case.date)}"
        return _lien(adresse, case, niveau_dessine(case.degre, preuve) + _position(repere))
    if case.ecarte:
        autre = "<small>autre échelle, non compté</small>"
        return _lien(adresse, case, niveau_dessine(case.ecarte, case.origine) + autre)
    contenu = niveau_dessine(None) + _position(repere)
    return f'<td class="case jamais" data-code="{_sur(case.code)}">{contenu}</td>'


def _lien(adresse: str, case: CaseTableau, contenu: str) -> str:
    lien = f'<a class="preuve" href="{adresse}#{_sur(ancre(case.code))}">{contenu}</a>'
    return f'<td class="case" data-code="{_sur(case.code)}">{lien}</td>'


def _position(repere: RepereEleve | None) -> str:
    return position_dessinee(repere.position, repere.attendu, court=True) if repere and repere.attendu else ""
