"""Une situation d'évaluation de la démonstration, telle qu'on l'écrit dans les tables."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from livret.models import Situation

RECUL = {"2de": 3, "1re": 2, "Tle": 1}


@dataclass(frozen=True)
class Scene:
    """`semaines` : première et dernière semaine ISO ; `vise` : compétences détaillées, par code.

    `groupe` (rang, nombre) : l'entreprise n'accueille qu'un élève sur `nombre`. `saisis` : nombre
    d'élèves déjà évalués, tous par défaut. `postes` : leur nom et ce que l'on y observe, par code.
    """

    cle: str
    niveau: str
    semestre: int
    semaines: tuple[int, int]
    intitule: str
    auteur: str
    taches: str
    vise: str
    description: str
    documents: str = ""
    materiels: str = ""
    outils: str = ""
    numeriques: str = ""
    certificative: bool = False
    etat: str = ""
    entreprise: str = ""
    tuteur: str = ""
    groupe: tuple[int, int] = (0, 1)
    saisis: int | None = None
    retenue_motif: str = ""
    groupe_vise: str = ""
    postes: tuple[tuple[str, str], ...] = ()

    @property
    def competences(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code.split(".")[0] for code in self.vise.split()))

    def etat_en(self) -> str:
        return self.etat or (Situation.Etat.PUBLIEE if self.niveau == "Tle" else Situation.Etat.CLOSE)

    def dates(self, session: int) -> tuple[datetime.date, datetime.date]:
        """Du lundi de la première semaine au vendredi de la dernière."""
        premiere, derniere = self.semaines
        return self._jour(session, premiere, 1), self._jour(session, derniere, 5)

    def _jour(self, session: int, semaine: int, jour: int) -> datetime.date:
        rentree = session - RECUL[self.niveau]
        return datetime.date.fromisocalendar(rentree if semaine > 30 else rentree + 1, semaine, jour)


@dataclass(frozen=True)
class Stage:
    """Période de formation en milieu professionnel, déclinée en une situation par entreprise."""

    cle: str
    niveau: str
    semestre: int
    semaines: tuple[int, int]
    auteurs: tuple[str, ...]
    taches: str
    vise: str
    description: str
    entreprises: tuple[tuple[str, str], ...]
    documents: str = ""
    materiels: str = ""
    outils: str = ""
    numeriques: str = ""
    certificative: bool = False

    def scenes(self) -> list[Scene]:
        nombre = len(self.entreprises)
        return [
            Scene(
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
                tuteur=tuteur,
                groupe=(rang, nombre),
            )
            for rang, (entreprise, tuteur) in enumerate(self.entreprises)
        ]
