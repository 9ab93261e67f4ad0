"""Les diplômes livrés avec l'application, chacun repris d'un texte publié dont il dit la source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from referentiel.fichier.lecture import lire_texte

DOSSIER = Path(__file__).parents[2] / "fixtures"


@dataclass(frozen=True)
class DiplomeLivre:
    fichier: str
    code: str
    version: str
    intitule: str
    texte_legal: str
    texte: str

    @property
    def identite(self) -> tuple[str, str]:
        return self.code, self.version


@cache
def catalogue() -> dict[str, DiplomeLivre]:
    """Par nom de fichier, dans l'ordre alphabétique."""
    return {chemin.stem: _livre(chemin) for chemin in sorted(DOSSIER.glob("*.json"))}


def _livre(chemin: Path) -> DiplomeLivre:
    texte = chemin.read_text(encoding="utf-8")
    document = lire_texte(texte)
    legal = str(document.brut.get("identite", {}).get("texte_legal", ""))
    return DiplomeLivre(chemin.name, document.code, document.version, document.intitule, legal, texte)
