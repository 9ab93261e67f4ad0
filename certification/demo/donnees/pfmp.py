"""Les PFMP de la démonstration et leurs tuteurs, tels qu'on les écrit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from certification.demo.donnees.codes import (
    CodeCompte,
    CodeEleve,
    CodeNiveau,
    CodeOption,
    NomEntreprise,
    Semaines,
)
from certification.demo.donnees.scenes import Stage
from livret.personnes.identifiants import faute_siret


@dataclass(frozen=True)
class TuteurEcrit:
    nom: str
    fonction: str
    courriel: str
    telephone: str

    def __str__(self) -> str:
        return f"{self.nom}, {self.fonction}"


@dataclass(frozen=True)
class EntrepriseEcrite:
    option: CodeOption
    nom: NomEntreprise
    siret: str
    adresse: str
    code_postal: str
    ville: str
    telephone: str
    secteur: str
    tuteur: TuteurEcrit

    def __post_init__(self) -> None:
        if faute := faute_siret(self.siret):
            raise ValueError(faute)


@dataclass(frozen=True)
class Entreprises:
    entreprises: tuple[EntrepriseEcrite, ...]


@dataclass(frozen=True)
class ChangementDeTuteur:
    eleve: CodeEleve
    apres_jours: int
    tuteur: TuteurEcrit


@dataclass(frozen=True)
class AbsenceEcrite:
    eleve: CodeEleve
    jours: Decimal
    rattrapee: bool


@dataclass(frozen=True)
class PfmpEcrites:
    """`premieres_periodes` : avant la période évaluée de l'année, une autre, par morceaux."""

    premieres_periodes: dict[CodeNiveau, tuple[Semaines, ...]]
    stages: tuple[Stage, ...]
    changement_de_tuteur: ChangementDeTuteur
    absences: tuple[AbsenceEcrite, ...]
    sans_visite: tuple[CodeEleve, ...]
    compte_rendu: str


@dataclass(frozen=True)
class FicheAttendue:
    eleve: CodeEleve
    auteur: CodeCompte


@dataclass(frozen=True)
class FicheRemplie:
    """`avis` : un niveau par compétence de l'annexe, ou rien ; d'une fiche validée, celui de sa situation."""

    eleve: CodeEleve
    activites: str
    points_forts: str
    avis: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class FichesDeTuteurs:
    """`paraphe` : les points de la signature, en pixels."""

    option: CodeOption
    niveau: CodeNiveau
    a_valider: FicheRemplie
    validee: FicheRemplie
    attendue: FicheAttendue
    paraphe: tuple[tuple[int, int], ...]
