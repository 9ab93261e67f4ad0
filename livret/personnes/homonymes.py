"""Deux homonymes dans une même liste se distinguent par leur naissance, partout où on les nomme.

La règle est tenue par la liste (le « queryset »), au moment où elle se lit : aucune page ne la redit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models


class ListeDistinguee(models.QuerySet[Any]):
    """Les élèves d'une liste, ou ceux des lignes d'une liste, chargés avec elle."""

    def _fetch_all(self) -> None:
        a_lire = self._result_cache is None
        super()._fetch_all()
        if a_lire and self._result_cache:
            distinguer(_eleves(self._result_cache))


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
                dite = f"né(e) le {jour:%d/%m/%Y}" if jour else "naissance inconnue"
                for fiche in fiches:
                    fiche.precision = f" ({dite}{f', fiche {pk}' if naissances.count(jour) > 1 else ''})"


def _eleves(objets: Iterable[Any]) -> Iterable[Any]:
    for objet in objets:
        if hasattr(objet, "precision"):
            yield objet
        elif (etat := getattr(objet, "_state", None)) and (eleve := etat.fields_cache.get("eleve")):
            yield eleve
