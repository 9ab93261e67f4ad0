"""Une situation d'évaluation de la démonstration, telle qu'on l'écrit dans les fichiers."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from certification.demo.donnees.codes import (
    CodeCompte,
    CodeDetaillee,
    CodeEntreprise,
    CodeNiveau,
    CodeOption,
    CodeTache,
    NomSituation,
    Semaines,
    Semestre,
)
from certification.demo.donnees.lecture import Texte
from livret.models import Situation

RECUL = {"2de": 3, "1re": 2, "Tle": 1}


def jour_de_classe(session: int, niveau: str, semaine: int, jour: int) -> datetime.date:
    """Ce jour d'une semaine ISO de l'année scolaire où la promotion est à ce niveau."""
    rentree = session - RECUL[niveau]
    return datetime.date.fromisocalendar(rentree if semaine > 30 else rentree + 1, semaine, jour)


@dataclass(frozen=True)
class PosteEcrit:
    nom: str
    vise: tuple[CodeDetaillee, ...]


@dataclass(frozen=True)
class Scene:
    """`semaines` : première et dernière semaine ISO ; `vise` : compétences détaillées.

    `groupe` (rang, nombre) : l'entreprise n'accueille qu'un élève sur `nombre`. `saisis` : nombre
    d'élèves déjà évalués, tous par défaut. `postes` : leur nom et ce que l'on y observe.
    `modele` : partagée dans la bibliothèque de l'établissement.
    """

    cle: NomSituation
    niveau: CodeNiveau
    semestre: Semestre
    semaines: Semaines
    intitule: str
    auteur: CodeCompte
    taches: tuple[CodeTache, ...]
    vise: tuple[CodeDetaillee, ...]
    description: Texte
    documents: Texte = ""
    materiels: Texte = ""
    outils: Texte = ""
    numeriques: Texte = ""
    certificative: bool = False
    etat: Situation.Etat | None = None
    entreprise: str = ""
    tuteur: str = ""
    groupe: tuple[int, int] = (0, 1)
    saisis: int | None = None
    retenue_motif: str = ""
    groupe_vise: str = ""
    postes: tuple[PosteEcrit, ...] = ()
    modele: bool = False

    @property
    def competences(self) -> tuple[str, ...]:
        return parents(self.vise)

    def etat_en(self) -> str:
        return self.etat or (Situation.Etat.PUBLIEE if self.niveau == "Tle" else Situation.Etat.CLOSE)

    def dates(self, session: int) -> tuple[datetime.date, datetime.date]:
        """Du lundi de la première semaine au vendredi de la dernière."""
        premiere, derniere = self.semaines
        return (
            jour_de_classe(session, self.niveau, premiere, 1),
            jour_de_classe(session, self.niveau, derniere, 5),
        )


@dataclass(frozen=True)
class Stage:
    """Période de formation en milieu professionnel, déclinée en une situation par entreprise."""

    option: CodeOption
    cle: str
    niveau: CodeNiveau
    semestre: Semestre
    semaines: Semaines
    auteurs: tuple[CodeCompte, ...]
    taches: tuple[CodeTache, ...]
    vise: tuple[CodeDetaillee, ...]
    description: Texte
    entreprises: tuple[CodeEntreprise, ...]
    documents: Texte = ""
    materiels: Texte = ""
    outils: Texte = ""
    numeriques: Texte = ""
    certificative: bool = False

    @property
    def competences(self) -> tuple[str, ...]:
        return parents(self.vise)

    def scenes(self, tuteurs: Mapping[str, str]) -> Iterator[Scene]:
        """Une par entreprise ; `tuteurs` donne le nom et la fonction de qui y accueille."""
        for rang, entreprise in enumerate(self.entreprises):
            yield Scene(
                cle=f"{self.cle}-{rang + 1}",
                niveau=self.niveau,
                semestre=self.semestre,
                semaines=self.semaines,
                intitule=f"PFMP de {self.niveau}, {entreprise}",
                auteur=self.auteurs[rang % len(self.auteurs)],
                taches=self.taches,
                vise=self.vise,
                description=self.description,
                documents=self.documents,
                materiels=self.materiels,
                outils=self.outils,
                numeriques=self.numeriques,
                certificative=self.certificative,
                entreprise=entreprise,
                tuteur=tuteurs[entreprise],
                groupe=(rang, len(self.entreprises)),
            )


def parents(detaillees: Iterable[str]) -> tuple[str, ...]:
    """Les compétences de ces compétences détaillées, chacune une fois, dans le même ordre."""
    return tuple(dict.fromkeys(code.split(".")[0] for code in detaillees))
