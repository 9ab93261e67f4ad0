"""Ce que dix ans d’actes ont dû laisser, tenu à part en mémoire : rien du produit n’y est lu."""

import datetime
from dataclasses import dataclass, field

Classe = tuple[str, int, str]
"""L’établissement, l’année de rentrée, le nom."""


def clos(annee: int) -> datetime.date:
    return datetime.date(annee + 1, 7, 31)


def dans(annee: int, jour: datetime.date) -> datetime.date:
    return min(max(jour, datetime.date(annee, 8, 1)), clos(annee))


@dataclass
class Situation:
    classe: Classe
    diplome: str
    etat: str = "ouverte"


@dataclass
class Fiche:
    """Un élève d’un établissement ; `notes` : ce que porte chaque case, par situation et par code."""

    lieu: str
    diplome: str
    option: str = "USI"
    ine: str = ""
    actif: bool = True
    classes: dict[Classe, datetime.date | None] = field(default_factory=dict)
    notes: dict[tuple[object, str], str] = field(default_factory=dict)

    @property
    def depart(self) -> datetime.date:
        return max(sortie or clos(classe[1]) for classe, sortie in self.classes.items())


@dataclass
class Relecture:
    fiches: dict[int, Fiche] = field(default_factory=dict)
    situations: dict[object, Situation] = field(default_factory=dict)
    recues: int = 0

    def presents(self, classe: Classe) -> list[int]:
        return [
            pk for pk, une in self.fiches.items() if une.actif and une.classes.get(classe, clos(0)) is None
        ]

    def inscrire(self, pk: int, classe: Classe, diplome: str, jour: datetime.date) -> None:
        """Il quitte ses autres classes de l’année."""
        fiche = self.fiches[pk]
        for autre, sortie in fiche.classes.items():
            if sortie is None and autre[1] == classe[1] and autre != classe:
                fiche.classes[autre] = dans(autre[1], jour)
        fiche.classes[classe] = None
        fiche.actif = True
        if fiche.diplome != diplome:
            fiche.diplome, fiche.option = diplome, "USI"

    def partir(self, pk: int, jour: datetime.date) -> None:
        fiche = self.fiches[pk]
        fiche.actif = False
        for classe, sortie in fiche.classes.items():
            fiche.classes[classe] = sortie or dans(classe[1], jour)

    def noter(self, situation: int, pk: int, code: str, texte: str) -> None:
        if texte:
            self.fiches[pk].notes[situation, code] = texte
        else:
            self.fiches[pk].notes.pop((situation, code), None)

    def se_croisent(self, gardee: int, fondue: int) -> bool:
        return bool(self.fiches[gardee].notes.keys() & self.fiches[fondue].notes.keys())

    def fondre(self, gardee: int, fondue: int) -> None:
        """Présent si l’une des deux fiches l’était, dans l’établissement comme dans chaque classe."""
        reste, otee = self.fiches[gardee], self.fiches.pop(fondue)
        reste.notes |= otee.notes
        reste.actif |= otee.actif
        reste.ine = reste.ine or otee.ine
        for classe, sortie in otee.classes.items():
            if sortie is None or classe not in reste.classes:
                reste.classes[classe] = sortie

    def recevoir(self, pk: int, origine: Fiche, uai: str, le: datetime.date) -> None:
        """Chaque situation où il porte quelque chose est recopiée, dans sa classe d’alors."""
        self.recues += 1
        fiche = self.fiches[pk]
        for (situation, code), texte in origine.notes.items():
            une = self.situations[situation]
            _, annee, nom = une.classe
            jadis = (fiche.lieu, annee, f"{nom[:28]} ({uai})")
            copie = (self.recues, situation)
            self.situations[copie] = Situation(jadis, une.diplome, une.etat)
            fiche.notes[copie, code] = texte
            fiche.classes.setdefault(jadis, dans(annee, le))

    def effacer(self, jour: datetime.date) -> list[int]:
        """Cinq ans après le dernier jour passé dans une classe."""
        echus = [
            pk
            for pk, une in self.fiches.items()
            if une.depart.replace(year=une.depart.year + 5, day=min(une.depart.day, 28)) <= jour
        ]
        for pk in echus:
            del self.fiches[pk]
        return echus

    def meilleurs(self, pk: int) -> dict[str, str]:
        """Le plus haut niveau de chaque compétence du diplôme préparé ; une mention n’en est pas un."""
        fiche = self.fiches[pk]
        hauts: dict[str, str] = {}
        for (situation, code), texte in fiche.notes.items():
            if "." in code or not texte.isdecimal() or self.situations[situation].diplome != fiche.diplome:
                continue
            hauts[code] = max(texte, hauts.get(code, ""))
        return hauts
