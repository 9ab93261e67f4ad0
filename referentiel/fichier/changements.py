"""Ce que ferait l'import d'un document : les lignes de son aperçu, leurs usages et leurs refus."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from referentiel.fichier.comparaison import GENRES, Cle, nom
from referentiel.fichier.ecriture import nombre
from referentiel.fichier.usages import Usage, en_clair

ABSENT = "absent"
"""État d'un référentiel que la base ne connaît pas encore."""


@dataclass(frozen=True)
class ChangementPrevu:
    """Une ligne de l'aperçu : un élément ajouté, retiré, ou un champ modifié."""

    sorte: str
    cle: Cle
    champ: str = ""
    avant: Any = None
    apres: Any = None
    usage: Usage = field(default_factory=Counter)
    refus: str = ""

    @property
    def genre(self) -> str:
        return str(self.cle[0])

    @property
    def nom(self) -> str:
        return nom(self.cle)

    @property
    def touche(self) -> str:
        return en_clair(self.usage)

    def resume(self) -> dict[str, str]:
        """La ligne telle que le journal des imports la garde."""
        champs = {"sorte": self.sorte, "element": self.nom, "champ": self.champ}
        valeurs = {"avant": _dit(self.avant), "apres": _dit(self.apres), "touche": self.touche}
        return champs | {nom: texte for nom, texte in valeurs.items() if texte}


def _dit(valeur: Any) -> str:
    """Une valeur comme le fichier l'écrit."""
    if valeur is None or isinstance(valeur, str):
        return valeur or ""
    if isinstance(valeur, tuple):
        return nom(valeur)
    return json.dumps(valeur, ensure_ascii=False, default=nombre)


@dataclass(frozen=True)
class Changements:
    """Ce que ferait l'import d'un document, comparé à la base au moment de la lecture."""

    code: str
    version: str
    etat: str
    lignes: tuple[ChangementPrevu, ...]

    @property
    def nouveau(self) -> bool:
        return self.etat == ABSENT

    @property
    def refus(self) -> tuple[ChangementPrevu, ...]:
        return tuple(ligne for ligne in self.lignes if ligne.refus)

    @property
    def ajouts(self) -> tuple[ChangementPrevu, ...]:
        return self._de_sorte("ajout")

    @property
    def retraits(self) -> tuple[ChangementPrevu, ...]:
        return self._de_sorte("retrait")

    @property
    def modifications(self) -> tuple[ChangementPrevu, ...]:
        return tuple(ligne for ligne in self._de_sorte("modification") if ligne.champ != "ordre")

    @property
    def deplacements(self) -> tuple[ChangementPrevu, ...]:
        """Changements de rang : sans effet sur le sens, ils se comptent plus qu'ils ne se lisent."""
        return tuple(ligne for ligne in self._de_sorte("modification") if ligne.champ == "ordre")

    @property
    def ajouts_par_genre(self) -> list[tuple[str, list[ChangementPrevu]]]:
        groupes = groupby(self.ajouts, key=lambda ligne: ligne.genre)
        return [(GENRES[genre], list(lignes)) for genre, lignes in groupes]

    def __bool__(self) -> bool:
        return bool(self.lignes)

    def _de_sorte(self, sorte: str) -> tuple[ChangementPrevu, ...]:
        return tuple(ligne for ligne in self.lignes if ligne.sorte == sorte)
