"""Le lycée de la démonstration, ses comptes et ses élèves, tels qu'on les écrit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from certification.demo.donnees.codes import (
    CodeCompetence,
    CodeCompte,
    CodeDetaillee,
    CodeNiveau,
    CodeOption,
    CodeSituation,
    CodeStatut,
    NomCompte,
    NomEleve,
)
from certification.demo.donnees.lecture import Texte
from livret.personnes.identifiants import faute_uai
from trpm.permissions import Role


@dataclass(frozen=True)
class ClasseEcrite:
    option: CodeOption
    niveau: CodeNiveau
    nom: str
    equipe: tuple[CodeCompte, ...]


@dataclass(frozen=True)
class DemiClasses:
    option: CodeOption
    niveau: CodeNiveau
    nom: str
    nombre: int


@dataclass(frozen=True)
class Lycee:
    """`session` : celle que l'on prépare quand la commande n'en donne pas d'autre."""

    session: int
    uai: str
    nom: str
    adresse: Texte
    ville: str
    academie: str
    domaine_des_courriels: str
    classes: tuple[ClasseEcrite, ...]
    demi_classes: DemiClasses

    def __post_init__(self) -> None:
        if faute := faute_uai(self.uai):
            raise ValueError(faute)

    def equipe(self, option: str, niveau: str) -> tuple[str, ...]:
        return next(une.equipe for une in self.classes if (une.option, une.niveau) == (option, niveau))


@dataclass(frozen=True)
class Personne:
    """`libelle` : ce que la personne est, dit à qui charge la démonstration."""

    identifiant: NomCompte
    prenom: str
    nom: str
    roles: tuple[Role, ...]
    libelle: str = ""
    inspecte: bool = False

    @property
    def nom_complet(self) -> str:
        return f"{self.prenom} {self.nom}"


@dataclass(frozen=True)
class Comptes:
    """Seuls les comptes annoncés ont un mot de passe."""

    annonces: tuple[Personne, ...]
    collegues: tuple[Personne, ...]

    @property
    def tous(self) -> tuple[Personne, ...]:
        return (*self.annonces, *self.collegues)


@dataclass(frozen=True)
class EleveInvente:
    """`aisance` : niveau moyen atteint en fin de cycle, de 0 à 3 ; `age` : à la rentrée de 2de.

    `absent_a` : situations manquées ; `jamais_evaluees` : compétences qu'aucune situation qui compte
    n'a évaluées ; `dispenses` : compétences détaillées dont l'élève est dispensé.
    """

    nom: NomEleve
    prenom: str
    aisance: Decimal
    statut: CodeStatut = "scolaire"
    age: int = 15
    compte: CodeCompte = ""
    absent_a: tuple[CodeSituation, ...] = ()
    jamais_evaluees: tuple[CodeCompetence, ...] = ()
    dispenses: tuple[CodeDetaillee, ...] = ()


@dataclass(frozen=True)
class PromotionEcrite:
    option: CodeOption
    eleves: tuple[EleveInvente, ...]


@dataclass(frozen=True)
class Eleves:
    promotions: tuple[PromotionEcrite, ...]
