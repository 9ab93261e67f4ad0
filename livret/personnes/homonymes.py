"""Deux homonymes dans une même liste se distinguent par leur naissance, partout où on les nomme.

La règle est tenue par la liste (le « queryset »), au moment où elle se lit : aucune page ne la redit.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models


class ListeDistinguee(models.QuerySet[Any]):
    """Les élèves d'une liste, ou ceux des lignes d'une liste, chargés avec elle."""

    def _fetch_all(self) -> None:
        a_lire = self._result_cache is None
        super()._fetch_all()
        if a_lire and self._result_cache:
            distinguer(_eleves(self._result_cache))

    def iterator(self, chunk_size: int | None = None) -> Iterator[Any]:
        """C'est ainsi que se lit une liste de choix : elle se distingue aussi."""
        lus = list(super().iterator(chunk_size or 2000))
        distinguer(_eleves(lus))
        return iter(lus)


def distinguer(eleves: Iterable[Any]) -> None:
    """Précise le nom de ceux que leur nom ne suffit pas à dire."""
    par_nom: dict[tuple[str, str], dict[int, list[Any]]] = {}
    for eleve in eleves:
        lus = eleve.__dict__
        if {"nom", "prenom", "naissance"} <= lus.keys():
            nom = (lus["nom"].casefold(), lus["prenom"].casefold())
            par_nom.setdefault(nom, {}).setdefault(eleve.pk, []).append(eleve)
    for homonymes in par_nom.values():
        if len(homonymes) > 1:
            naissances = [fiches[0].naissance for fiches in homonymes.values()]
            for pk, fiches in homonymes.items():
                jour = fiches[0].naissance
                rang = f", fiche {pk}" if naissances.count(jour) > 1 else ""
                for fiche in fiches:
                    fiche.precision = f" ({_dite(jour)}{rang})"


def precisions(cites: Sequence[Any]) -> list[str]:
    """Ce qui distingue chacune de ces personnes citées de ses homonymes : sa naissance."""
    jours: dict[tuple[str, str], set[Any]] = defaultdict(set)
    for un in cites:
        jours[un.nom.casefold(), un.prenom.casefold()].add(un.naissance)
    return [
        f" ({_dite(un.naissance)})" if len(jours[un.nom.casefold(), un.prenom.casefold()]) > 1 else ""
        for un in cites
    ]


def _dite(naissance: datetime.date | None) -> str:
    return f"naissance le {naissance:%d/%m/%Y}" if naissance else "naissance inconnue"


def _eleves(objets: Iterable[Any]) -> Iterable[Any]:
    for objet in objets:
        if hasattr(objet, "precision"):
            yield objet
        elif (etat := getattr(objet, "_state", None)) and (eleve := etat.fields_cache.get("eleve")):
            yield eleve
