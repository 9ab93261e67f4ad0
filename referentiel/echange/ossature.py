"""Un référentiel bâti sur le seul arbre de compétences qu'un autre outil donne. Module pur.

Ce que l'arbre ne dit pas (option, épreuve, échelle, grille) est posé par défaut et dit ; ce que le format n'a
pas où ranger est laissé de côté, et dit ligne par ligne.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROFONDEUR = 3
"""Une compétence, et deux niveaux dessous."""
CODE_MAX = 30
SYMBOLES = ("vide", "quart", "demi", "trois_quarts", "plein")
ECHELLE = ("Non maîtrisé", "Insuffisamment maîtrisé", "Partiellement maîtrisé", "Bien maîtrisé")
DEFAUTS = (
    "Le fichier ne dit ni option, ni épreuve, ni grille : une option et une épreuve « à définir » et une "
    "grille sans poids sont posées. Complétez-les avant de vous en servir."
)


@dataclass
class ElementRecu:
    """Un élément de l'arbre reçu, et l'endroit du fichier où il est."""

    code: str
    intitule: str
    ou: str
    option: str = ""
    enfants: list[ElementRecu] = field(default_factory=list)
    indicateurs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reprise:
    """Le document bâti, et ce qui n'y a pas trouvé place."""

    brut: dict[str, Any]
    remarques: tuple[str, ...]


class Bati:
    def __init__(self) -> None:
        self.remarques: list[str] = []

    def dire(self, ou: str, quoi: str) -> None:
        self.remarques.append(f"{ou} : {quoi}")

    def codes(self, branches: Sequence[ElementRecu], prefixe: str) -> list[str]:
        """Un code par branche, sans signe interdit, unique parmi les siennes sauf options différentes."""
        pris: set[tuple[str, str]] = set()
        retenus = []
        for rang, branche in enumerate(branches, start=1):
            code = re.sub(r"[\s=/]+", "-", branche.code.strip())[:CODE_MAX].strip("-")
            if not code:
                code = f"{prefixe}{rang}"
                self.dire(branche.ou, f"sans code, il reçoit « {code} ».")
            elif code != branche.code:
                self.dire(branche.ou, f"le code « {branche.code} » devient « {code} ».")
            unique, suite = code, 2
            while (unique, branche.option) in pris:
                unique, suite = f"{code[: CODE_MAX - 3]}-{suite}", suite + 1
            if unique != code:
                self.dire(branche.ou, f"le code « {code} » est déjà pris : il devient « {unique} ».")
            pris.add((unique, branche.option))
            retenus.append(unique)
        return retenus

    def competences(self, racines: Sequence[ElementRecu]) -> list[dict[str, Any]]:
        codes = self.codes(racines, "C")
        return [self._element(branche, code, 1) for branche, code in zip(racines, codes, strict=True)]

    def _element(self, branche: ElementRecu, code: str, rang: int) -> dict[str, Any]:
        element: dict[str, Any] = {"code": code, "intitule": propre(branche.intitule) or code}
        if branche.option and rang > 1:
            element["option"] = branche.option
        uniques = list(dict.fromkeys(filter(None, map(propre, branche.indicateurs))))
        if uniques:
            element["indicateurs"] = [{"intitule": texte} for texte in uniques]
        if rang == PROFONDEUR:
            for enfant in branche.enfants:
                self.dire(enfant.ou, "plus de deux niveaux sous une compétence : laissé de côté.")
        elif branche.enfants:
            codes = self.codes(branche.enfants, f"{code}.")
            element["detaillees"] = [
                self._element(enfant, suivant, rang + 1)
                for enfant, suivant in zip(branche.enfants, codes, strict=True)
            ]
        return element

    def document(
        self, identite: Mapping[str, str], racines: Sequence[ElementRecu], **parties: Any
    ) -> Reprise:
        """Le document : ce qui est donné, et les réglages par défaut que le format demande."""
        brut = {
            "format": 1,
            "code": sigle(identite["code"]),
            "version": sigle(identite["version"], point=True) or "1",
            "intitule": propre(identite["intitule"])[:300],
            "competences": self.competences(racines),
        } | {nom: partie for nom, partie in parties.items() if partie}
        brut.setdefault("echelles", [echelle(ECHELLE)])
        if "options" not in brut or "grilles" not in brut:
            self._defauts(brut)
        return Reprise(brut, tuple(self.remarques))

    def _defauts(self, brut: dict[str, Any]) -> None:
        self.remarques.insert(0, DEFAUTS)
        options = {e["option"] for c in brut["competences"] for e in _tous(c) if e.get("option")}
        brut.setdefault(
            "options",
            [{"code": code, "intitule": f"option {code}"} for code in sorted(options)]
            or [{"code": "SANS", "intitule": "à définir"}],
        )
        brut.setdefault("epreuves", [{"code": "E1", "intitule": "à définir"}])
        codes = [competence["code"] for competence in brut["competences"]]
        source = {"groupe": "grilles", "nature": "defaut", "texte": DEFAUTS}
        brut.setdefault("sources", []).append(source)
        brut["grilles"] = [
            {
                "version": "1",
                "intitule": "Grille à définir",
                "echelle": brut["echelles"][0]["code"],
                "arrondi": "demi_superieur",
                "poids": [
                    {"epreuve": brut["epreuves"][0]["code"], "competences": dict.fromkeys(codes)},
                ],
            }
        ]


def _tous(element: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    suite = [element]
    for enfant in element.get("detaillees", []):
        suite += _tous(enfant)
    return suite


def echelle(libelles: Sequence[str]) -> dict[str, Any]:
    """Une échelle dont les niveaux se numérotent à partir de zéro, du plus bas au plus haut."""
    dernier = max(len(libelles) - 1, 1)
    return {
        "code": "reprise",
        "intitule": "Échelle reprise du fichier"
        if tuple(libelles) != ECHELLE
        else "Échelle à quatre niveaux",
        "niveaux": [
            {
                "code": str(rang),
                "valeur": rang,
                "libelle": propre(libelle)[:80] or str(rang),
                "symbole": SYMBOLES[round(rang * (len(SYMBOLES) - 1) / dernier)],
            }
            for rang, libelle in enumerate(libelles)
        ],
    }


def sigle(texte: str, point: bool = False) -> str:
    """Lettres sans accent, chiffres et tirets, comme le format veut un code ou une version."""
    nu = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+" if point else r"[^A-Za-z0-9_-]+", "-", nu).strip("-.")[:CODE_MAX]


def propre(texte: str) -> str:
    """Une ligne, sans balise ni signe que rien ne montre."""
    nu = re.sub(r"<[^<>]*>", " ", texte)
    visibles = (
        " " if unicodedata.category(signe)[0] == "C" or signe in "\u2028\u2029" else signe for signe in nu
    )
    return unicodedata.normalize("NFC", re.sub(" +", " ", "".join(visibles)).strip())


__all__ = ["DEFAUTS", "Bati", "ElementRecu", "Reprise", "echelle", "propre", "sigle"]
