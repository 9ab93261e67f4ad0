"""Une table à recopier ailleurs : ce qu'elle dit, ce qui lui manque, et ce qui a changé depuis la dernière.

Une table sert la page, le CSV et le classeur ; rien n'y est recalculé.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from trpm.impression.documents import (
    Feuille,
    Valeur,
    classeur,
    table_csv,
)
from trpm.textes import pluriel


@dataclass(frozen=True)
class RangeeARecopier:
    """`cle` : l'élève ; elle suit la même personne d'une extraction à l'autre."""

    cle: int
    qui: str
    cellules: tuple[Valeur, ...]


@dataclass(frozen=True)
class TableARecopier:
    """`manques` : des phrases, à lire avant de recopier."""

    nom: str
    titres: tuple[str, ...]
    rangees: tuple[RangeeARecopier, ...]
    largeurs: tuple[float, ...]
    manques: tuple[str, ...] = ()

    @property
    def lignes(self) -> list[list[Valeur]]:
        return [[*self.titres], *([*rangee.cellules] for rangee in self.rangees)]

    @property
    def gardee(self) -> dict[str, Any]:
        """Ce que l'on garde d'une extraction, tout en texte, pour la comparer à la suivante."""
        return {
            "titres": [*self.titres],
            "rangees": {
                str(une.cle): {"qui": une.qui, "cellules": [*map(texte, une.cellules)]}
                for une in self.rangees
            },
        }

    @property
    def empreinte(self) -> str:
        canonique = json.dumps(self.gardee, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(canonique.encode()).hexdigest()

    def csv(self) -> bytes:
        return table_csv(self.lignes)

    def xlsx(self) -> bytes:
        return classeur([Feuille(self.nom, self.lignes, self.largeurs)])


def texte(valeur: Valeur) -> str:
    """Une cellule telle qu'elle se lit en français : « 15,50 », « 03/06/2026 »."""
    if isinstance(valeur, Decimal):
        return str(valeur).replace(".", ",")
    if isinstance(valeur, date):
        return f"{valeur:%d/%m/%Y}"
    return "" if valeur is None else str(valeur)


def changements(avant: Mapping[str, Any], table: TableARecopier) -> tuple[str, ...]:
    """Une phrase par cellule changée, par personne entrée et par personne sortie."""
    apres = table.gardee
    anciennes, nouvelles = avant["rangees"], apres["rangees"]
    phrases = []
    for cle, rangee in nouvelles.items():
        if cle not in anciennes:
            phrases.append(f"{rangee['qui']}\xa0: n’y était pas.")
            continue
        avait = dict(zip(avant["titres"], anciennes[cle]["cellules"], strict=True))
        a = dict(zip(apres["titres"], rangee["cellules"], strict=True))
        phrases += [
            f"{rangee['qui']}\xa0: {titre}, {_cite(avait.get(titre))} devient {_cite(a.get(titre))}."
            for titre in dict.fromkeys((*a, *avait))
            if avait.get(titre, "") != a.get(titre, "")
        ]
    phrases += [
        f"{rangee['qui']}\xa0: n’y est plus." for cle, rangee in anciennes.items() if cle not in nouvelles
    ]
    return tuple(phrases)


def _cite(cellule: str | None) -> str:
    return f"«\xa0{cellule}\xa0»" if cellule else "rien"


def manque(quoi: str, qui: Iterable[object], combien: int) -> tuple[str, ...]:
    """« Sans INE (2 élèves) : A, B. », ou rien s'il ne manque à personne ; `combien` en tout."""
    noms = [*map(str, qui)]
    if len(noms) == combien > 1:
        return (f"{quoi}\xa0: les {combien} élèves.",)
    return (f"{quoi} ({len(noms)} élève{pluriel(len(noms))})\xa0: {', '.join(noms)}.",) if noms else ()
