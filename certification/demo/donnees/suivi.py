"""Les bilans de la démonstration et le portfolio de son élève, tels qu'on les écrit."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from certification.demo.donnees.codes import (
    CodeCompetence,
    CodeCompte,
    CodeEleve,
    CodeNiveau,
    CodeOption,
    JourEcrit,
    Recul,
    Semaine,
    Semestre,
)


@dataclass(frozen=True)
class BilansDuSemestre:
    """`entretiens` : qui les mène, tour à tour."""

    niveau: CodeNiveau
    semestre: Semestre
    annee: Recul
    semaine: Semaine
    auteur: CodeCompte
    entretiens: tuple[CodeCompte, ...]

    def date(self, session: int) -> datetime.date:
        return datetime.date.fromisocalendar(session + self.annee, self.semaine, 5)


@dataclass(frozen=True)
class BilansEnCours(BilansDuSemestre):
    """`prepares`, `ecrits` : combien le sont, dans l'ordre de la classe."""

    prepares: int
    ecrits: int


@dataclass(frozen=True)
class CorrectionDeBilan:
    eleve: CodeEleve
    motif: str
    entretien: CodeCompte
    convenu_aussi: str


@dataclass(frozen=True)
class PhrasesParAisance:
    """`aisance_sous` : ces phrases servent au-dessous ; rien : à tous les autres."""

    aisance_sous: Decimal | None
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Bilans:
    option: CodeOption
    valides: tuple[BilansDuSemestre, ...]
    correction: CorrectionDeBilan
    en_cours: BilansEnCours
    appreciations: tuple[PhrasesParAisance, ...]
    mots: tuple[str, ...]
    objectifs: tuple[str, ...]
    convenus: tuple[str, ...]

    def appreciations_pour(self, aisance: Decimal) -> tuple[str, ...]:
        return next(
            une.phrases
            for une in self.appreciations
            if une.aisance_sous is None or aisance < une.aisance_sous
        )


@dataclass(frozen=True)
class PointDeLEleve:
    le: JourEcrit
    niveaux: dict[CodeCompetence, int]


@dataclass(frozen=True)
class PointEnSituation:
    """Dans la première situation certificative où cette compétence est évaluée."""

    competence: CodeCompetence
    niveaux: dict[CodeCompetence, int]


@dataclass(frozen=True)
class DemandeEcrite:
    competence: CodeCompetence
    le: JourEcrit
    reponse: str = ""


@dataclass(frozen=True)
class PieceDuPortfolio:
    texte: str
    le: JourEcrit
    competences: tuple[CodeCompetence, ...]
    image: str = ""
    fichier: str = ""
    au_dossier: bool = False


@dataclass(frozen=True)
class Portfolio:
    eleve: CodeEleve
    points: tuple[PointDeLEleve, ...]
    en_situation: PointEnSituation
    demandes: tuple[DemandeEcrite, ...]
    traces: tuple[PieceDuPortfolio, ...]
