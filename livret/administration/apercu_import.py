"""Ce que ferait l'import d'un fichier d'élèves, ligne à ligne, et son application (Q43)."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from livret.administration.lecture.divisions import designe
from livret.administration.lecture.resultat import FichierLu, Lecture, LigneEleve, RemarqueImport
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite
from referentiel.models import Statut

LIBELLES = {
    "nom": "nom",
    "prenom": "prénom",
    "naissance": "naissance",
    "ine": "INE",
    "option": "option",
    "statut": "statut",
    "numero_candidat": "numéro de candidat",
    "promotion": "promotion",
    "actif": "présence",
}
LIBELLES_LUS = {
    "complet": "nom et prénom", "nom": "nom", "prenom": "prénom", "naissance": "naissance", "ine": "INE",
    "division": "classe", "option": "option", "statut": "statut", "numero_candidat": "numéro de candidat",
    "sortie": "sortie",
}  # fmt: skip


@dataclass(frozen=True)
class DemandeImport:
    """Ce qu'il faut pour recalculer l'aperçu à l'identique."""

    fichier: FichierLu
    statut: Statut | None
    feuilles: frozenset[str] | None = None
    divisions: frozenset[str] | None = None
    choix: Mapping[str, str] = field(default_factory=dict)
    coupes: Mapping[str, str] = field(default_factory=dict)
    """Par ligne, le rang de la façon de couper « NOM Prénom » que l'on a choisie."""


@dataclass(frozen=True)
class ChangementImport:
    champ: str
    avant: str
    apres: str


@dataclass
class Entree:
    """Un élève du fichier, ce que devient sa fiche et sa scolarité."""

    ligne: LigneEleve
    eleve: Eleve
    changements: list[ChangementImport] = field(default_factory=list)
    quittees: list[Scolarite] = field(default_factory=list)
    rouverte: Scolarite | None = None
    inscrire: bool = False


@dataclass(frozen=True)
class Ambigu:
    """Un élève du fichier que l'on ne sait pas rapprocher seul."""

    ligne: LigneEleve
    motif: str
    candidats: list[Eleve]
    choix: str = ""


@dataclass(frozen=True)
class ACouper:
    """Une ligne dont on ne sait où le nom finit et où le prénom commence."""

    ligne: LigneEleve
    choix: str = ""


@dataclass(frozen=True)
class Absent:
    """Un élève de la classe que le fichier ne cite pas, qu'il place ailleurs ou dit sorti."""

    scolarite: Scolarite
    division: str = ""
    sortie: datetime.date | None = None


@dataclass(frozen=True)
class FeuilleLue:
    nom: str
    nombre: int
    retenue: bool


@dataclass(frozen=True)
class Division:
    cle: str
    nom: str
    nombre: int
    retenue: bool


@dataclass
class Apercu:
    """Ce que ferait l'import, ligne à ligne."""

    classe: Classe
    lecture: Lecture
    feuilles: list[FeuilleLue] = field(default_factory=list)
    divisions: list[Division] = field(default_factory=list)
    nouveaux: list[Entree] = field(default_factory=list)
    modifies: list[Entree] = field(default_factory=list)
    inchanges: list[Entree] = field(default_factory=list)
    ambigus: list[Ambigu] = field(default_factory=list)
    a_couper: list[ACouper] = field(default_factory=list)
    absents: list[Absent] = field(default_factory=list)
    fautes: list[RemarqueImport] = field(default_factory=list)
    avertissements: list[RemarqueImport] = field(default_factory=list)

    @property
    def retenues(self) -> int:
        return sum(division.nombre for division in self.divisions if division.retenue)

    @property
    def autre_division(self) -> str:
        """La seule division du fichier, quand elle ne porte pas le nom de la classe."""
        noms = [division.nom for division in self.divisions if division.nom]
        seule = noms[0] if len(self.divisions) == 1 and noms else ""
        return "" if designe(seule, self.classe.nom) else seule

    @property
    def a_trancher(self) -> int:
        return len(self.ambigus) + len(self.a_couper)

    @property
    def a_choisir(self) -> bool:
        """La page porte un choix : une feuille, une division, une personne, un nom à couper."""
        return bool(self.a_trancher or len(self.divisions) > 1 or len(self.feuilles) > 1)

    @property
    def colonnes(self) -> list[tuple[str, str]]:
        """Chaque donnée, et l'intitulé de la colonne où elle est lue."""
        return [
            (LIBELLES_LUS[champ], self.lecture.colonnes[champ])
            for champ in LIBELLES_LUS
            if champ in self.lecture.colonnes
        ]

    @property
    def a_ecrire(self) -> bool:
        return bool(self.nouveaux or self.modifies or self.absents)

    @property
    def sortis(self) -> set[int]:
        """Les scolarités que le fichier dit finies."""
        return {absent.scolarite.pk for absent in self.absents if absent.sortie}

    @cached_property
    def empreinte(self) -> str:
        """Change dès que l'import n'aurait plus exactement l'effet annoncé."""
        effets = [
            [self.classe.pk, self.classe.promotion_id],
            [[_valeurs(entree.eleve), entree.ligne.cle] for entree in self.nouveaux],
            [
                [entree.eleve.pk, [[c.champ, c.avant, c.apres] for c in entree.changements]]
                for entree in self.modifies
            ],
            [entree.eleve.pk for entree in self.inchanges],
            [[ambigu.ligne.cle, [eleve.pk for eleve in ambigu.candidats]] for ambigu in self.ambigus],
            [[couper.ligne.cle, couper.choix] for couper in self.a_couper],
            [[absent.scolarite.pk, str(absent.sortie)] for absent in self.absents],
        ]
        return hashlib.sha256(json.dumps(effets).encode()).hexdigest()

    def appliquer(self, partis: Iterable[int], sortie: datetime.date, auteur: Utilisateur) -> None:
        """Écrit l'aperçu ; `partis` désigne, parmi les absents, les scolarités à clore."""
        nouveaux = bulk_create_with_history(
            [entree.eleve for entree in self.nouveaux], Eleve, default_user=auteur
        )
        inscrits = [*nouveaux, *(entree.eleve for entree in self.modifies if entree.inscrire)]
        bulk_create_with_history(
            [Scolarite(eleve=eleve, classe=self.classe) for eleve in inscrits],
            Scolarite,
            default_user=auteur,
        )
        designes = set(partis)
        partants = [absent for absent in self.absents if absent.scolarite.pk in designes]
        departs = [absent.scolarite for absent in partants]
        quittees = [scolarite for entree in self.modifies for scolarite in entree.quittees]
        rouvertes = [entree.rouverte for entree in self.modifies if entree.rouverte]
        for absent in partants:
            absent.scolarite.sortie = absent.sortie or sortie
        for scolarite in quittees:
            scolarite.sortie = sortie
        for scolarite in rouvertes:
            scolarite.sortie = None
        for scolarite in departs:
            scolarite.eleve.actif = False
        eleves = [entree.eleve for entree in self.modifies]
        eleves += [scolarite.eleve for scolarite in _sans_autre_classe(departs, self.classe)]
        bulk_update_with_history(eleves, Eleve, list(LIBELLES), default_user=auteur)
        bulk_update_with_history(
            [*departs, *quittees, *rouvertes], Scolarite, ["sortie"], default_user=auteur
        )


def _sans_autre_classe(departs: list[Scolarite], classe: Classe) -> list[Scolarite]:
    """Départs d'élèves qu'aucune autre classe, cette année ou plus tard, n'attend."""
    attendus = set(
        Scolarite.objects.ouvertes()
        .filter(
            eleve__in=[scolarite.eleve_id for scolarite in departs],
            classe__annee__debut__gte=classe.annee.debut,
        )
        .exclude(classe=classe)
        .values_list("eleve", flat=True)
    )
    return [scolarite for scolarite in departs if scolarite.eleve_id not in attendus]


def _valeurs(eleve: Eleve) -> list[str]:
    return [str(getattr(eleve, f"{champ}_id", getattr(eleve, champ))) for champ in LIBELLES]
