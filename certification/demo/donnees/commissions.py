"""Les commissions de la démonstration, telles qu'on les écrit."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from certification.demo.donnees.codes import (
    CodeCompetence,
    CodeCompte,
    CodeEleve,
    CodeEpreuve,
    CodeOption,
    Semaine,
)
from certification.dossier.models import Dossier


@dataclass(frozen=True)
class ProfessionnelConvie:
    """Un compte, ou le nom de qui n'en a pas."""

    compte: CodeCompte = ""
    nom: str = ""

    def __post_init__(self) -> None:
        if bool(self.compte) == bool(self.nom):
            raise ValueError("Donnez un compte, ou un nom sans compte.")


@dataclass(frozen=True)
class CommissionsDeLOption:
    """`ensemble` : toutes les épreuves le même jour, en une seule réunion."""

    option: CodeOption
    semaine: Semaine
    ensemble: bool
    professionnel: ProfessionnelConvie


@dataclass(frozen=True)
class CasDeCandidat:
    """Devant l'épreuve, autre chose que « à évaluer » ; `note` : celle qu'il conserve."""

    eleve: CodeEleve
    epreuve: CodeEpreuve
    etat: Dossier.Situation
    observations: str
    note: Decimal | None = None


@dataclass(frozen=True)
class NiveauReleve:
    eleve: CodeEleve
    competence: CodeCompetence
    motif: str


@dataclass(frozen=True)
class EcartDeNote:
    eleve: CodeEleve
    points: Decimal
    motif: str


@dataclass(frozen=True)
class DossierRouvert:
    """`observations` : ce que la commission y a récrit avant de le figer de nouveau."""

    eleve: CodeEleve
    motif: str
    observations: str


@dataclass(frozen=True)
class CommissionCommencee:
    """Elle a arrêté les `decides` premiers dossiers, relevé un niveau et une note, figé, rouvert puis
    figé de nouveau un dossier ; `jury` : à qui elle a ouvert ce qu'elle a figé."""

    option: CodeOption
    epreuve: CodeEpreuve
    auteur: CodeCompte
    decides: int
    releve: NiveauReleve
    ecart: EcartDeNote
    jury: str
    reouverture: DossierRouvert


@dataclass(frozen=True)
class Commissions:
    epreuves: tuple[CodeEpreuve, ...]
    commissions: tuple[CommissionsDeLOption, ...]
    premier_jour: int
    heure: str
    lieu: str
    president: CodeCompte
    construction: CodeCompte
    candidats: tuple[CasDeCandidat, ...]
    commencee: CommissionCommencee
    observations: tuple[str, ...]

    def __post_init__(self) -> None:
        try:
            datetime.time.fromisoformat(self.heure)
        except ValueError:
            raise ValueError(f"« {self.heure} » n’est pas une heure. Écrivez par exemple 08:30.") from None

    @property
    def debut(self) -> datetime.time:
        return datetime.time.fromisoformat(self.heure)
