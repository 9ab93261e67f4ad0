"""Les mots dont un fichier de la démonstration désigne ce qu'un autre, ou le référentiel, décrit."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated

from certification.demo.donnees.lecture import Cite, Nomme

NomCompte = Annotated[str, Nomme("comptes")]
NomEleve = Annotated[str, Nomme("eleves")]
NomEntreprise = Annotated[str, Nomme("entreprises")]
NomSituation = Annotated[str, Nomme("situations")]

CodeCompte = Annotated[str, Cite("comptes")]
CodeEleve = Annotated[str, Cite("eleves")]
CodeEntreprise = Annotated[str, Cite("entreprises")]
CodeSituation = Annotated[str, Cite("situations")]
CodeNiveau = Annotated[str, Cite("niveaux")]

CodeOption = Annotated[str, Cite("options")]
CodeStatut = Annotated[str, Cite("statuts")]
CodeEpreuve = Annotated[str, Cite("epreuves")]
CodeTache = Annotated[str, Cite("taches")]
CodeCompetence = Annotated[str, Cite("competences")]
CodeDetaillee = Annotated[str, Cite("detaillees")]

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
