"""Une grille de saisie telle que sa page la montre."""

import re
from dataclasses import dataclass

from django.http import HttpResponse

_RANGEE = re.compile(r'<tr><th scope="row">.*?</tr>', re.DOTALL)
_NOM = re.compile(r'<a id="e\d+"[^>]*>([^<]*)</a>')
_CASE = re.compile(r'<td class="case[^>]*>(.*?)</td>')
_VALEUR = re.compile(r'<input id="\w+-\d+" name="[^"]+"(?: value="([^"]*)")?')


@dataclass(frozen=True)
class GrilleLue:
    """`lignes` : par élève, ce que contient chaque champ ; `suggestions` : par case, le niveau proposé."""

    colonnes: list[str]
    lignes: dict[str, list[str]]
    suggestions: dict[str, str]


def grille_lue(reponse: HttpResponse) -> GrilleLue:
    page = reponse.content.decode()
    return GrilleLue(
        re.findall(r'<th scope="col" id="[cd]\d+"[^>]*>([^< ]+)', page),
        dict(map(_ligne, _RANGEE.findall(page))),
        dict(re.findall(r'name="suggere-([^"]+)" value="([^"]+)"', page)),
    )


def _ligne(rangee: str) -> tuple[str, list[str]]:
    (nom,) = _NOM.findall(rangee)
    return nom, list(map(_valeur, _CASE.findall(rangee)))


def _valeur(case: str) -> str:
    lue = _VALEUR.match(case)
    return (lue[1] or "") if lue else ""
