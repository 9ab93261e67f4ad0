"""Le fichier des règles, lu : ce qui se garde, pourquoi, combien de temps, et la suite. Module pur."""

from __future__ import annotations

import datetime
import tomllib
from calendar import monthrange
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FICHIER = Path(__file__).with_name("regles.toml")
EFFACE, ANONYMISE, GARDE = "effacé", "anonymisé", "gardé"
SUITES = (EFFACE, ANONYMISE, GARDE)
DEPART, SESSION, FERMETURE, SEJOUR, LIGNE, AUCUN = DEBUTS = (
    *("depart", "session", "fermeture", "sejour", "ligne", "aucun"),
)
DEBUTS_DITS = {
    DEPART: "le départ de l’élève",
    SESSION: "la session d’examen",
    FERMETURE: "la dernière connexion",
    SEJOUR: "le dernier séjour suivi",
    LIGNE: "l’écriture",
}
UNITES = {"jours": 0, "mois": 1, "an": 12, "ans": 12}


@dataclass(frozen=True)
class Duree:
    """Une durée de conservation : d'où elle se compte, et ce qui arrive à son terme."""

    code: str
    titre: str
    pourquoi: str
    debut: str
    ensuite: str
    duree: str = ""
    reglable: bool = False

    @property
    def annees(self) -> int:
        return self._nombre if self.duree.endswith(("an", "ans")) else 0

    def terme(self, depuis: datetime.date, annees: int = 0) -> datetime.date:
        """Le premier jour où ce qui date de ce jour n'a plus à être gardé ; `annees` : un réglage."""
        if annees:
            return plus_tard(depuis, 12 * annees)
        mois = self._nombre * UNITES[self._unite]
        return plus_tard(depuis, mois) if mois else depuis + datetime.timedelta(days=self._nombre)

    @property
    def dite(self) -> str:
        """« 5 ans après le départ de l’élève »."""
        return (
            f"{self.duree} après {DEBUTS_DITS[self.debut]}" if self.duree else "tant que l’application sert"
        )

    @property
    def _nombre(self) -> int:
        return int(self.duree.split()[0])

    @property
    def _unite(self) -> str:
        return self.duree.split()[1]


@dataclass(frozen=True)
class RegleDeModele:
    """Ce qu'un modèle dit d'une personne ; `qui` : le chemin de la ligne à l'élève ou au tuteur."""

    modele: str
    duree: Duree
    eleve: str = ""
    tuteur: str = ""
    rangees: str = ""
    case: str = ""
    date: str = ""
    terme: str = ""
    tu: tuple[str, ...] = ()
    personnel: tuple[str, ...] = ()
    neutre: tuple[str, ...] = ()

    @property
    def de_l_eleve(self) -> bool:
        return bool(self.eleve or self.rangees or self.case)


@dataclass(frozen=True)
class Regles:
    durees: dict[str, Duree]
    modeles: dict[str, RegleDeModele]
    applications: dict[str, Duree]

    def de(self, modele: str) -> RegleDeModele | None:
        """La règle d'un modèle, la sienne ou celle de son application."""
        if modele in self.modeles:
            return self.modeles[modele]
        duree = self.applications.get(modele.partition(".")[0])
        return RegleDeModele(modele, duree) if duree else None

    def selon(self, *codes: str) -> tuple[RegleDeModele, ...]:
        return tuple(une for une in self.modeles.values() if une.duree.code in codes)


@cache
def regles() -> Regles:
    return lues(FICHIER.read_text(encoding="utf-8"))


def lues(texte: str) -> Regles:
    brut = tomllib.loads(texte)
    durees = {code: Duree(code, **valeurs) for code, valeurs in brut["durees"].items()}
    modeles = {nom: _de_modele(nom, dict(valeurs), durees) for nom, valeurs in brut["modeles"].items()}
    applications = {nom: durees[code] for nom, code in brut["applications"].items()}
    return Regles(durees, modeles, applications)


def _de_modele(nom: str, valeurs: dict[str, Any], durees: dict[str, Duree]) -> RegleDeModele:
    personnel, neutre, tu = (tuple(valeurs.pop(cle, ())) for cle in ("personnel", "neutre", "tu"))
    duree, qui = durees[valeurs.pop("duree")], valeurs.pop("qui", {})
    return RegleDeModele(nom, duree, personnel=personnel, neutre=neutre, tu=tu, **qui, **valeurs)


def plus_tard(jour: datetime.date, mois: int) -> datetime.date:
    """Ce jour, tant de mois après ; le dernier du mois s'il n'y existe pas."""
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + mois, 12)
    return datetime.date(annee, rang + 1, min(jour.day, monthrange(annee, rang + 1)[1]))
