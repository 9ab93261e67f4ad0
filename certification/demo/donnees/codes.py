"""Les mots dont un fichier de la démonstration désigne ce qu'un autre, ou le référentiel, décrit."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated

from certification.demo.donnees.lecture import Designe, Nomme

NomCompte = Annotated[str, Nomme("comptes")]
NomEleve = Annotated[str, Nomme("eleves")]
NomEntreprise = Annotated[str, Nomme("entreprises")]
NomSituation = Annotated[str, Nomme("situations")]

CodeCompte = Annotated[str, Designe("comptes")]
CodeEleve = Annotated[str, Designe("eleves")]
CodeEntreprise = Annotated[str, Designe("entreprises")]
CodeSituation = Annotated[str, Designe("situations")]
CodeNiveau = Annotated[str, Designe("niveaux")]

CodeOption = Annotated[str, Designe("options")]
CodeStatut = Annotated[str, Designe("statuts")]
CodeEpreuve = Annotated[str, Designe("epreuves")]
CodeTache = Annotated[str, Designe("taches")]
CodeCompetence = Annotated[str, Designe("competences")]
CodeDetaillee = Annotated[str, Designe("detaillees")]

Semaine = Annotated[int, range(1, 53)]
Semaines = tuple[Semaine, Semaine]
Semestre = Annotated[int, range(1, 7)]
Recul = Annotated[int, range(-3, 1)]

PhrasesParNiveau = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class JourEcrit:
    """`annee` : écart à l'année de la session."""

    annee: Recul
    mois: int
    jour: int

    def __post_init__(self) -> None:
        try:
            self.date(2001)
        except ValueError:
            raise ValueError("Ce jour n’est pas dans le calendrier.") from None

    def date(self, session: int) -> datetime.date:
        return datetime.date(session + self.annee, self.mois, self.jour)
