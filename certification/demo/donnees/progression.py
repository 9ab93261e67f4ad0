"""L'échelle et la progression de la démonstration, telles qu'on les écrit."""

from __future__ import annotations

from dataclasses import dataclass

from certification.demo.donnees.codes import (
    CodeCompetence,
    CodeCompte,
    CodeDetaillee,
    CodeNiveau,
    CodeOption,
    CodeSituation,
    CodeTache,
    JourEcrit,
    Semaines,
)
from certification.demo.donnees.lecture import Texte


@dataclass(frozen=True)
class EchellePromotion:
    """`niveaux` : attendu à la fin de chacun des six semestres, ou rien ; par compétence."""

    option: CodeOption
    niveaux: dict[CodeCompetence, tuple[int | None, ...]]


@dataclass(frozen=True)
class VersionEchelle:
    """Une version reprend la précédente et récrit les compétences qu'elle nomme."""

    nom: str
    le: JourEcrit
    promotions: tuple[EchellePromotion, ...]


@dataclass(frozen=True)
class Echelles:
    auteur: CodeCompte
    versions: tuple[VersionEchelle, ...]


@dataclass(frozen=True)
class PfmpDuCycle:
    niveau: CodeNiveau
    semaines: Semaines


@dataclass(frozen=True)
class SequenceEcrite:
    """Elle évalue ce que visent ses `situations` et travaille `aussi` d'autres détaillées,
    `taches_aussi` d'autres tâches."""

    niveau: CodeNiveau
    semaines: Semaines
    intitule: str
    auteur: CodeCompte
    projet: bool = False
    situations: tuple[CodeSituation, ...] = ()
    aussi: tuple[CodeDetaillee, ...] = ()
    taches_aussi: tuple[CodeTache, ...] = ()
    description: Texte = ""


@dataclass(frozen=True)
class ProgressionPromotion:
    option: CodeOption
    sequences: tuple[SequenceEcrite, ...]


@dataclass(frozen=True)
class Progressions:
    auteur_des_pfmp: CodeCompte
    pfmp_prevues: tuple[PfmpDuCycle, ...]
    promotions: tuple[ProgressionPromotion, ...]
