"""Le bilan intermédiaire tel qu'on le montre, l'imprime et le fige : un seul objet.

Il ne lit ni base, ni horloge, ni réglage. Figé, il s'écrit en JSON canonique et se relit à l'identique :
un bilan validé s'affiche et s'imprime par ce même code. Il ne porte ni clé de base, ni note (Q36).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from livret.niveaux import meilleure
from livret.progression.attendu import Position, position
from livret.synthese.ligne import LigneLivret
from referentiel.echelle import Degre, Echelle
from trpm.base import instantane

FORMAT = 1


class Evolution(Enum):
    """Ce qu'un niveau est devenu depuis le bilan précédent : une forme et des mots."""

    PROGRES = "▲", "en progrès", "en progrès"
    NOUVELLE = "+", "évaluée depuis", "évaluées depuis"
    STABLE = "=", "inchangée", "inchangées"
    RECUL = "▼", "en recul", "en recul"
    AUTREMENT = "↔", "dite dans une autre échelle", "dites dans une autre échelle"
    RETIREE = "×", "n’est plus évaluée", "ne sont plus évaluées"
    ABSENTE = "–", "toujours pas évaluée", "toujours pas évaluées"

    @property
    def forme(self) -> str:
        return self.value[0]

    @property
    def mots(self) -> str:
        return self.value[1]

    def compte(self, nombre: int) -> str:
        return f"{nombre} {self.value[2 if nombre > 1 else 1]}"


def evolution(avant: Degre | None, maintenant: Degre | None) -> Evolution:
    if avant is None:
        return Evolution.ABSENTE if maintenant is None else Evolution.NOUVELLE
    if maintenant is None:
        return Evolution.RETIREE
    if maintenant.valeur == avant.valeur:
        return Evolution.STABLE
    return Evolution.PROGRES if maintenant.valeur > avant.valeur else Evolution.RECUL


@dataclass(frozen=True)
class Sujet:
    """De qui, et dans quel cadre."""

    nom: str
    prenom: str
    naissance: datetime.date | None
    ine: str
    option: str
    option_intitule: str
    statut: str
    diplome: str
    session: int
    etablissement: str
    ville: str
    classe: str
    annee: str

    def __str__(self) -> str:
        return f"{self.nom} {self.prenom}"


@dataclass(frozen=True)
class PreuveBilan:
    """La situation où ce niveau a été montré."""

    date: datetime.date
    situation: str
    lieu: str
    evaluateur: str


@dataclass(frozen=True)
class LigneBilan:
    """Une compétence : le meilleur niveau démontré à la date du bilan, sa preuve, celui d'avant et celui
    que l'échelle de la promotion attend à la fin du semestre.

    `ailleurs`, `avant_ailleurs` : un niveau montré, ou dit au bilan précédent, dans une échelle que la grille
    ne lit pas : il se montre et ne se compare à rien (Q47).
    """

    code: str
    intitule: str
    epreuve: str
    degre: Degre | None
    preuve: PreuveBilan | None
    avant: Degre | None
    attendu: Degre | None = None
    ailleurs: str = field(default="", metadata=instantane.FACULTATIF)
    avant_ailleurs: str = field(default="", metadata=instantane.FACULTATIF)

    @property
    def evolution(self) -> Evolution:
        return Evolution.AUTREMENT if self.avant_ailleurs else evolution(self.avant, self.degre)

    @property
    def position(self) -> Position:
        return position(*(degre.valeur if degre else None for degre in (self.degre, self.attendu)))


@dataclass(frozen=True)
class Precedent:
    """Le bilan auquel celui-ci se compare."""

    semestre: int
    date: datetime.date
    objectifs: str
    niveaux: tuple[tuple[str, Degre], ...]
    ailleurs: tuple[tuple[str, str], ...] = field(default=(), metadata=instantane.FACULTATIF)

    def degre(self, code: str) -> Degre | None:
        return dict(self.niveaux).get(code)

    def dit_ailleurs(self, code: str) -> str:
        return dict(self.ailleurs).get(code, "")


@dataclass(frozen=True)
class Textes:
    appreciation: str
    mots: str
    mots_par: str
    mots_de_sa_main: bool
    objectifs: str


@dataclass(frozen=True)
class Entretien:
    le: datetime.date | None
    avec: str
    convenu: str
    enseignant_present: bool
    eleve_present: bool


@dataclass(frozen=True)
class BilanFige:
    format: int
    sujet: Sujet
    semestre: int
    date: datetime.date
    numero: int
    motif: str
    echelle: Echelle
    epreuves: tuple[tuple[str, str], ...]
    lignes: tuple[LigneBilan, ...]
    precedent: Precedent | None
    textes: Textes
    entretien: Entretien
    semestre_nom: str = field(default="", metadata=instantane.FACULTATIF)
    semestres: int = field(default=0, metadata=instantane.FACULTATIF)
    correspondances: tuple[str, ...] = field(default=(), metadata=instantane.FACULTATIF)

    @property
    def par_epreuve(self) -> list[tuple[str, str, tuple[LigneBilan, ...]]]:
        return [
            (code, intitule, tuple(ligne for ligne in self.lignes if ligne.epreuve == code))
            for code, intitule in self.epreuves
        ]

    @property
    def situe(self) -> bool:
        """L'échelle de la promotion attend quelque chose à ce semestre."""
        return any(ligne.attendu for ligne in self.lignes)

    @property
    def evaluees(self) -> int:
        return sum(ligne.degre is not None for ligne in self.lignes)

    @property
    def evolutions(self) -> list[tuple[Evolution, str]]:
        """Combien de compétences par évolution, en toutes lettres ; vide sans bilan précédent."""
        comptes = Counter(ligne.evolution for ligne in self.lignes) if self.precedent else {}
        return [(une, une.compte(comptes[une])) for une in Evolution if comptes.get(une)]

    def vers_json(self) -> str:
        return instantane.ecrire(self)

    @classmethod
    def depuis_json(cls, texte: str) -> BilanFige:
        return instantane.relire(cls, texte)


def lignes_a_la_date(
    lignes: Iterable[LigneLivret],
    echelle: Echelle,
    date: datetime.date,
    attendus: Mapping[str, int | None],
    precedent: Precedent | None,
) -> tuple[LigneBilan, ...]:
    """Meilleur niveau de chaque compétence parmi ce qui s'est fait jusqu'à cette date comprise."""
    figees = []
    for ligne in lignes:
        preuve = meilleure(preuve for preuve in ligne.preuves if preuve.date <= date)
        figees.append(
            LigneBilan(
                code=ligne.code,
                intitule=ligne.intitule,
                epreuve=ligne.epreuve,
                degre=echelle.degre(preuve.valeur) if preuve else None,
                preuve=PreuveBilan(preuve.date, preuve.situation, preuve.lieu, preuve.evaluateur)
                if preuve
                else None,
                avant=precedent.degre(ligne.code) if precedent else None,
                attendu=echelle.degre(attendus.get(ligne.code)),
                ailleurs="" if preuve else _ailleurs(ligne, date),
                avant_ailleurs=precedent.dit_ailleurs(ligne.code) if precedent else "",
            )
        )
    return tuple(figees)


def _ailleurs(ligne: LigneLivret, date: datetime.date) -> str:
    """Le dernier niveau montré jusque-là dans une échelle que la grille ne lit pas, tel qu'il a été donné."""
    origines = (une.preuve.origine for une in ligne.ecartees if une.preuve.date <= date)
    return next(origines, "")


def objectifs_proposes(bilan: BilanFige) -> str:
    """De quoi commencer à écrire les objectifs ; l'équipe les relit et les change.

    À défaut d'échelle, on nomme ce qui est au plus bas, si ce n'est pas presque tout.
    """
    jamais = [ligne.code for ligne in bilan.lignes if ligne.degre is None]
    if bilan.situe:
        debut = "Atteindre le niveau attendu en"
        codes = [ligne.code for ligne in bilan.lignes if ligne.position is Position.RETARD]
    else:
        debut = "Progresser en"
        evaluees = [(ligne.degre.valeur, ligne.code) for ligne in bilan.lignes if ligne.degre]
        bas = min((valeur for valeur, _ in evaluees), default=0)
        codes = [code for valeur, code in evaluees if valeur == bas < bilan.echelle.maximum]
        codes = codes if 2 * len(codes) <= len(evaluees) else []
    phrases = [("Être évalué en", jamais), (debut, codes)]
    return "\n".join(f"{debut} {', '.join(codes)}." for debut, codes in phrases if codes)


def changements(avant: BilanFige, apres: BilanFige) -> tuple[str, ...]:
    """Ce qui distingue deux prises de niveaux du même bilan, en phrases."""
    anciennes = {ligne.code: ligne for ligne in avant.lignes}
    phrases: list[str] = []
    attentes: list[str] = []
    for ligne in apres.lignes:
        ancienne = anciennes.pop(ligne.code, None)
        de, a = (_niveau(une.degre if une else None) for une in (ancienne, ligne))
        if de != a:
            phrases.append(f"{ligne.code} : {de} → {a}")
        elif ancienne and ancienne.preuve != ligne.preuve and ligne.preuve:
            phrases.append(f"{ligne.code} : même niveau, montré dans « {ligne.preuve.situation} »")
        if ancienne and ancienne.attendu != ligne.attendu:
            attentes.append(ligne.code)
    phrases += [f"{code} : ne figure plus dans le livret" for code in anciennes]
    if attentes:
        phrases.append(f"autre niveau attendu en {', '.join(attentes)}")
    if _compare_a(avant) != _compare_a(apres):
        phrases.append(f"comparé {_compare_a(apres)}")
    return tuple(phrases)


def _niveau(degre: Degre | None) -> str:
    return f"{degre.code} ({degre.libelle})" if degre else "non évaluée"


def _compare_a(bilan: BilanFige) -> str:
    precedent = bilan.precedent
    return f"au bilan du semestre {precedent.semestre}" if precedent else "à aucun bilan"
