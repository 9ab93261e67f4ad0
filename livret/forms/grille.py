"""Lire ce que la grille envoie : des cases, ce qu'elles contiennent, ce qu'elles montraient."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.http import QueryDict

from livret.saisie import COMMENTAIRE, Case, Geste, sans_retour_chariot

ADRESSE = re.compile(r"(?:([dc])([0-9]{1,18})|commentaire)-([0-9]{1,18})", re.ASCII)
TOUTES = "toutes"


def case_lue(texte: str) -> Case | None:
    lue = ADRESSE.fullmatch(texte)
    if lue is None:
        return None
    genre, item, eleve = lue.groups()
    return Case(genre or COMMENTAIRE, int(item or 0), int(eleve))


def geste_lu(post: QueryDict) -> Geste | None:
    """Une case seule : `case`, `texte`, `vu`."""
    case = case_lue(post.get("case", ""))
    return Geste(case, post.get("texte", ""), post.get("vu", "")) if case else None


def gestes_lus(post: QueryDict) -> list[Geste]:
    """Toute la grille : les cases changées, puis les suggestions acceptées et les conflits tranchés."""
    gestes: dict[Case, Geste] = {}
    for geste in (*_conflits_tranches(post), *_suggestions_acceptees(post), *_cases_changees(post)):
        gestes[geste.case] = geste
    return list(gestes.values())


def _cases_changees(post: QueryDict) -> Iterator[Geste]:
    for nom, texte in post.items():
        case, vu = case_lue(nom), post.get(f"vu-{nom}", "")
        if case and sans_retour_chariot(str(texte)) != sans_retour_chariot(vu):
            yield Geste(case, str(texte), vu)


def _suggestions_acceptees(post: QueryDict) -> Iterator[Geste]:
    """Seule une suggestion qui était affichée s'accepte (Q7)."""
    acceptee = post.get("accepter", "")
    for nom, texte in post.items():
        adresse = nom.removeprefix("suggere-")
        case = case_lue(adresse) if adresse != nom else None
        if case and acceptee in (TOUTES, adresse):
            yield Geste(case, str(texte))


def _conflits_tranches(post: QueryDict) -> Iterator[Geste]:
    for adresse in post.getlist("remplacer"):
        if case := case_lue(adresse):
            yield Geste(case, post.get(f"voulu-{adresse}", ""), post.get(f"present-{adresse}", ""))
