"""Le tableau d'une classe en HTML, écrit d'un trait, comme la grille de saisie : un gabarit par case coûtait
la moitié de la page.

Tout texte venu d'une personne ou du référentiel est échappé. Un niveau et une position se dessinent par les
mêmes fonctions que partout ailleurs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape

from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe

from livret.personnes.photo import portrait
from livret.progression.attendu import RepereEleve
from livret.progression.attentes import RangeeSituee
from livret.progression.dessin import niveau_dessine, position_dessinee
from livret.synthese.ligne import CaseTableau
from livret.synthese.tableau import ColonneTableau, RangeeTableau
from trpm.dates import date_dite
from trpm.templatetags.adresses import adresse
from trpm.textes import ancre

_sur = lru_cache(maxsize=4096)(escape)


def entetes(colonnes: Iterable[ColonneTableau], tri: str, demande: QueryDict) -> SafeString:
    """Une colonne par compétence, et l'adresse qui trie par elle, puis à l'envers ; `demande` : celle-ci."""
    parametres = demande.copy()
    return mark_safe("".join([_entete(une, tri, parametres) for une in colonnes]))


def _entete(une: ColonneTableau, tri: str, parametres: QueryDict) -> str:
    sens = {une.code: ' aria-sort="ascending"', f"-{une.code}": ' aria-sort="descending"'}.get(tri, "")
    parametres["tri"] = f"-{une.code}" if tri == une.code else une.code
    return (
        f'<th scope="col" class="code{_manque(une)}" title="{_sur(une.intitule)}"'
        f"{sens}>"
        f'<a href="?{escape(parametres.urlencode())}">{_sur(une.code)}'
        f'<span class="visually-hidden"> {_sur(une.intitule)}, trier</span></a></th>'
    )


def comptes(colonnes: Iterable[ColonneTableau]) -> SafeString:
    """De chaque compétence, combien d'élèves y sont évalués."""
    return mark_safe("".join([f'<td class="case{_manque(une)}">{une.evalues}</td>' for une in colonnes]))


def _manque(une: ColonneTableau) -> str:
    return "" if une.evalues else " manquante"


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
    lien = adresse("livret:eleve", eleve.pk)
    autre = f" <small>{_sur(eleve.option.code)}</small>" if eleve.option_id != option else ""
    return (
        f'<tr><th scope="row">{portrait(photo)}<a href="{lien}">{escape(str(eleve))}</a>{autre}</th>'
        f"{''.join([_case(lien, case, repere) for case, repere in cases])}"
        f'<td class="compte">{livret.evaluees} / {len(livret.lignes)}</td></tr>\n'
    )


def _case(lien: str, case: CaseTableau | None, repere: RepereEleve | None) -> str:
    if case is None:
        return '<td class="case hachuree"><span class="visually-hidden">hors option</span></td>'
    if case.degre and case.date:
        preuve = f"{case.situation}, {case.lieu}, {date_dite(case.date)}"
        return _lie(lien, case, niveau_dessine(case.degre, preuve) + _position(repere))
    if case.ecarte:
        autre = "<small>autre échelle, non compté</small>"
        return _lie(lien, case, niveau_dessine(case.ecarte, case.origine) + autre)
    contenu = niveau_dessine(None) + _position(repere)
    return f'<td class="case jamais" data-code="{_sur(case.code)}">{contenu}</td>'


def _lie(lien: str, case: CaseTableau, contenu: str) -> str:
    debut, fin = _autour(case.code)
    return f"{debut}{lien}{fin}{contenu}</a></td>"


@lru_cache(maxsize=1024)
def _autour(code: str) -> tuple[str, str]:
    """Ce qui, dans une case, précède et suit l'adresse de l'élève."""
    return (
        f'<td class="case" data-code="{escape(code)}"><a class="preuve" href="',
        f'#{escape(ancre(code))}">',
    )


def _position(repere: RepereEleve | None) -> str:
    return position_dessinee(repere.position, repere.attendu, court=True) if repere and repere.attendu else ""
