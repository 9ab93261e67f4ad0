"""Ce que l'on a compris d'un fichier d'élèves : des lignes, des remarques, et d'où cela vient."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from livret.administration.lecture.divisions import designe
from livret.personnes.identifiants import lettres, plie


class FichierIllisible(Exception):
    """Le fichier entier est refusé ; le message est une phrase destinée à la personne."""


@dataclass(frozen=True)
class EnteteLue:
    """Une ligne d'en-tête : ses intitulés, et le rang de la colonne où chaque donnée se lit."""

    empreinte: str
    intitules: tuple[str, ...]
    colonnes: dict[str, int]
    choisie: bool = False
    """Une personne a désigné ces colonnes, pour ce fichier ou pour un autre de même en-tête."""
    feuille: str = ""


class SansColonnes(FichierIllisible):
    """Ni nom ni prénom reconnus : une personne peut désigner leurs colonnes."""

    def __init__(self, message: str, entetes: list[EnteteLue]) -> None:
        super().__init__(message)
        self.entetes = entetes


@dataclass(frozen=True)
class Attendu:
    """La classe où l'on importe : elle aide à choisir une feuille, une colonne, un siècle."""

    classe: str
    annee: int


@dataclass(frozen=True)
class RemarqueImport:
    """Faute ou avertissement, à sa ligne du fichier ; la feuille n'est dite que s'il y en a plusieurs."""

    numero: int
    message: str
    feuille: str = ""

    def __str__(self) -> str:
        ligne = f"ligne {self.numero}"
        return f"{f'{self.feuille}, {ligne}' if self.feuille else ligne.capitalize()}\xa0: {self.message}"


class LigneNommee:
    """La personne d'une ligne, élève ou enseignant, telle qu'on la compare à celles d'ici."""

    numero: int
    nom: str
    prenom: str
    feuille: str

    @property
    def cle(self) -> str:
        return f"{self.feuille}-{self.numero}" if self.feuille else str(self.numero)

    @cached_property
    def identite(self) -> tuple[str, str]:
        return plie(self.nom), plie(self.prenom)

    @cached_property
    def lettres(self) -> frozenset[str]:
        return lettres(self.nom, self.prenom)


@dataclass(frozen=True)
class LigneEleve(LigneNommee):
    numero: int
    nom: str
    prenom: str
    naissance: datetime.date | None = None
    ine: str = ""
    division: str = ""
    option: str = ""
    statut: str = ""
    numero_candidat: str = ""
    sortie: datetime.date | None = None
    coupes: tuple[tuple[str, str], ...] = ()
    """Les façons de couper « NOM Prénom » quand l'écriture ne le dit pas : une personne tranche."""
    feuille: str = ""

    @property
    def nom_complet(self) -> str:
        return f"{self.nom} {self.prenom}".strip()


@dataclass
class Lecture:
    """Ce qu'on a compris d'une table : un texte, ou une feuille d'un classeur."""

    lignes: list[LigneEleve] = field(default_factory=list)
    fautes: list[RemarqueImport] = field(default_factory=list)
    avertissements: list[RemarqueImport] = field(default_factory=list)
    colonnes: dict[str, str] = field(default_factory=dict)
    ignorees: list[str] = field(default_factory=list)
    ecartees: list[tuple[str, str]] = field(default_factory=list)
    """Identités (nom, prénom) lues sur des lignes fautives : ces élèves ne sont pas absents du fichier."""
    feuille: str = ""
    entete: EnteteLue | None = None
    """Rien pour un export XML : ses balises ne se désignent pas."""
    avant: list[str] = field(default_factory=list)
    """Ce que la table a laissé hors de la liste : titres, totaux, pieds de page."""


@dataclass
class FichierLu:
    """Toutes les tables utilisables d'un fichier, et comment il a été lu."""

    lectures: list[Lecture]
    format: str = ""
    laissees: list[str] = field(default_factory=list)
    """Feuilles masquées, ou sans liste d'élèves."""

    @property
    def entetes(self) -> list[EnteteLue]:
        return [un.entete for un in self.lectures if un.entete]

    def probables(self, classe: str) -> set[str]:
        """Les feuilles à lire sans qu'on le dise : la seule, ou la seule au nom de la classe."""
        if len(self.lectures) == 1:
            return {self.lectures[0].feuille}
        exactes = {un.feuille for un in self.lectures if designe(un.feuille, classe)}
        citees = exactes or {un.feuille for un in self.lectures if plie(classe) in plie(un.feuille)}
        return citees if len(citees) == 1 else set()

    def reunie(self, feuilles: Iterable[str]) -> Lecture:
        """Les feuilles voulues, d'un seul tenant ; chaque ligne dit la sienne quand il y en a plusieurs."""
        voulues = set(feuilles)
        retenues = [un for un in self.lectures if un.feuille in voulues]
        if len(retenues) == 1:
            return retenues[0]
        ensemble = Lecture()
        for une in retenues:
            ensemble.colonnes |= {
                champ: intitule for champ, intitule in une.colonnes.items() if champ not in ensemble.colonnes
            }
            ensemble.ignorees += [un for un in une.ignorees if un not in ensemble.ignorees]
            ensemble.ecartees += une.ecartees
            ensemble.avant += une.avant
            ensemble.lignes += [replace(ligne, feuille=une.feuille) for ligne in une.lignes]
            ensemble.fautes += [replace(faute, feuille=une.feuille) for faute in une.fautes]
            ensemble.avertissements += [replace(un, feuille=une.feuille) for un in une.avertissements]
        return ensemble
