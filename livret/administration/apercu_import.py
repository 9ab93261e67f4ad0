"""Ce que ferait l'import d'un fichier d'élèves, ligne à ligne, et son application (Q43)."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from livret.administration.lecture_eleves import Lecture, LigneEleve, RemarqueImport
from livret.personnes.identifiants import plie
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


class ApercuPerime(Exception):
    """Les données ont changé depuis l'aperçu : ce qu'il annonce n'est plus ce qui se passerait."""


@dataclass(frozen=True)
class DemandeImport:
    """Ce qu'il faut pour recalculer l'aperçu à l'identique."""

    lecture: Lecture
    statut: Statut | None
    division: str | None = None
    choix: Mapping[int, str] = field(default_factory=dict)


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
class Absent:
    """Un élève de la classe que le fichier ne cite pas, ou qu'il place ailleurs."""

    scolarite: Scolarite
    division: str = ""


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
    divisions: list[Division] = field(default_factory=list)
    nouveaux: list[Entree] = field(default_factory=list)
    modifies: list[Entree] = field(default_factory=list)
    inchanges: list[Entree] = field(default_factory=list)
    ambigus: list[Ambigu] = field(default_factory=list)
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
        return "" if plie(seule) == plie(self.classe.nom) else seule

    @property
    def a_ecrire(self) -> bool:
        return bool(self.nouveaux or self.modifies or self.absents)

    @cached_property
    def empreinte(self) -> str:
        """Change dès que l'import n'aurait plus exactement l'effet annoncé."""
        effets = [
            [self.classe.pk, self.classe.promotion_id],
            [[_valeurs(entree.eleve), entree.ligne.numero] for entree in self.nouveaux],
            [
                [entree.eleve.pk, [[c.champ, c.avant, c.apres] for c in entree.changements]]
                for entree in self.modifies
            ],
            [entree.eleve.pk for entree in self.inchanges],
            [[ambigu.ligne.numero, [eleve.pk for eleve in ambigu.candidats]] for ambigu in self.ambigus],
            [absent.scolarite.pk for absent in self.absents],
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
        departs = [absent.scolarite for absent in self.absents if absent.scolarite.pk in designes]
        quittees = [scolarite for entree in self.modifies for scolarite in entree.quittees]
        rouvertes = [entree.rouverte for entree in self.modifies if entree.rouverte]
        for scolarite in [*departs, *quittees]:
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
