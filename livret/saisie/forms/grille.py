"""Lire ce que la grille envoie : des cases, ce qu'elles contiennent, ce qu'elles montraient."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from livret.saisie.case import COMMENTAIRE, Case
from livret.saisie.jugement import Envoi, Geste
from trpm.textes import propre, sans_retour_chariot

ADRESSE = re.compile(r"(?:(r?[dc])([0-9]{1,18})|commentaire)-([0-9]{1,18})", re.ASCII)
TOUTES = "toutes"
OPERATIONS_MAX = 500
ILLISIBLES = "Ces saisies sont illisibles."


def case_lue(texte: str) -> Case | None:
    lue = ADRESSE.fullmatch(texte)
    if lue is None:
        return None
    genre, item, eleve = lue.groups()
    return Case(genre or COMMENTAIRE, int(item or 0), int(eleve))


@dataclass(frozen=True)
class EnvoiLu:
    """Une opération telle qu'un appareil l'envoie ; sans geste si elle désigne une case impossible."""

    envoi: Envoi
    adresse: str
    geste: Geste | None


@dataclass(frozen=True)
class Courrier:
    """Des opérations, dans l'ordre où elles ont été faites."""

    envois: tuple[EnvoiLu, ...]

    @property
    def gestes(self) -> list[Geste]:
        return [un.geste for un in self.envois if un.geste]


class CourrierRefuse(Exception):
    """Rien de ce courrier n'est pris ; `statut` est celui de la réponse."""

    def __init__(self, motif: str, statut: int) -> None:
        super().__init__(motif)
        self.statut = statut


def courrier_lu(corps: bytes, personne: int) -> Courrier:
    """`{"personne": 3, "operations": [{"id", "case", "texte", "vu", "chaine", "rang"}]}`.

    `CourrierRefuse` s'il est illisible, trop gros, ou l'œuvre d'une autre personne.
    """
    try:
        lu = json.loads(corps)
        auteur, operations = lu["personne"], lu["operations"]
        if not isinstance(auteur, int):
            raise TypeError("Une personne est attendue.")
    except (ValueError, KeyError, TypeError, RecursionError) as faute:
        raise CourrierRefuse(ILLISIBLES, 400) from faute
    envois = operations_lues(operations)
    if auteur != personne:
        raise CourrierRefuse("Ces saisies ont été faites par une autre personne.", 409)
    return Courrier(envois)


def operations_lues(operations: Any) -> tuple[EnvoiLu, ...]:
    """Les opérations d'un envoi, d'où qu'il vienne ; `CourrierRefuse` si l'une est illisible."""
    try:
        if not 0 < len(operations) <= OPERATIONS_MAX:
            raise ValueError("Courrier vide ou trop gros.")
        return tuple(_envoi_lu(une) for une in operations)
    except (ValueError, KeyError, TypeError, AttributeError) as faute:
        raise CourrierRefuse(ILLISIBLES, 400) from faute


def _envoi_lu(operation: dict[str, Any]) -> EnvoiLu:
    rang = operation.get("rang", 0)
    if not isinstance(rang, int) or not 0 <= rang < 2**31:
        raise ValueError("Le rang est un entier positif.")
    identifiant = uuid.UUID(operation["id"])
    envoi = Envoi(identifiant, uuid.UUID(operation.get("chaine") or operation["id"]), rang)
    adresse = _texte(operation["case"])
    case = case_lue(adresse)
    geste = Geste(case, _texte(operation["texte"]), _texte(operation.get("vu", "")), envoi) if case else None
    return EnvoiLu(envoi, adresse, geste)


def _texte(valeur: Any) -> str:
    """Un texte que toute base sait garder."""
    if not isinstance(valeur, str):
        raise TypeError("Un texte est attendu.")
    return propre(valeur.encode(errors="replace").decode())


def gestes_lus(post: QueryDict) -> list[Geste]:
    """Toute la grille : les cases changées, puis les suggestions acceptées et les conflits tranchés."""
    gestes: dict[Case, Geste] = {}
    for geste in (*_conflits_tranches(post), *_suggestions_acceptees(post), *_cases_changees(post)):
        gestes[geste.case] = geste
    return list(gestes.values())


def _cases_changees(post: QueryDict) -> Iterator[Geste]:
    """Le nom d'un champ dit ce que montrait la case (`d12-45=2`) ; un commentaire l'a dans `vu-…`."""
    for nom, texte in post.items():
        adresse, _, montre = nom.partition("=")
        case, vu = case_lue(adresse), post.get(f"vu-{adresse}", montre)
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
