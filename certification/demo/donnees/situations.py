"""Les situations de la démonstration et ce qu'on en dit, tels qu'on les écrit."""

from __future__ import annotations

from dataclasses import dataclass

from certification.demo.donnees.codes import (
    CodeCompetence,
    CodeCompte,
    CodeEleve,
    CodeOption,
    CodeSituation,
    PhrasesParNiveau,
)
from certification.demo.donnees.scenes import Scene


@dataclass(frozen=True)
class SituationsEcrites:
    option: CodeOption
    formation: tuple[Scene, ...]
    certification: tuple[Scene, ...]
    en_cours: tuple[Scene, ...]


@dataclass(frozen=True)
class FamilleDePhrases:
    competences: tuple[CodeCompetence, ...]
    par_niveau: PhrasesParNiveau


@dataclass(frozen=True)
class Appreciations:
    """Ce que les enseignants et les tuteurs écrivent sur une fiche, du plus bas niveau au plus haut."""

    familles: tuple[FamilleDePhrases, ...]
    entreprise: PhrasesParNiveau
    absence: str

    def famille(self, competence: str) -> PhrasesParNiveau:
        return next(une.par_niveau for une in self.familles if competence in une.competences)


@dataclass(frozen=True)
class PhrasesAMoi:
    auteur: CodeCompte
    textes: tuple[str, ...]


@dataclass(frozen=True)
class TraceEcrite:
    """`image` : nom d'un dessin du module `dessins` ; `fichier` : nom sous lequel il est joint."""

    eleve: CodeEleve
    texte: str
    image: str = ""
    fichier: str = ""


@dataclass(frozen=True)
class RemarqueEcrite:
    eleve: CodeEleve
    texte: str


@dataclass(frozen=True)
class Traces:
    """Ce que les enseignants joignent à ce qu'ils ont observé dans une situation."""

    phrases: PhrasesAMoi
    situation: CodeSituation
    traces: tuple[TraceEcrite, ...]
    remarques: tuple[RemarqueEcrite, ...]
