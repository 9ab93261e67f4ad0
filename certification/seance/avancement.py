"""L'avancement : candidats × épreuves, d'après ce que l'on garde de chaque dossier."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from certification.commission.models import Commission
from certification.seance.restes import ETATS
from certification.seance.resumes import RESUMES
from certification.seance.suivi import DossierMontre, DossierSuivi, EleveMontre, montres
from livret.models import Situation, Utilisateur
from referentiel.models import Epreuve
from referentiel.reglement.distinction import distingues
from trpm.permissions import Action


@dataclass(frozen=True)
class CandidatSuivi:
    """`option` : celle où il est devant ces épreuves."""

    eleve: EleveMontre
    option: str
    cellules: tuple[tuple[DossierMontre, ...], ...]

    @property
    def premier(self) -> DossierMontre:
        """Le dossier par où l'examiner : sa première épreuve."""
        return next(une for cellules in self.cellules for une in cellules)

    @property
    def en_suspens(self) -> bool:
        return any(cellule.lu.en_suspens for cellules in self.cellules for cellule in cellules)

    def rang(self, place: int) -> tuple[bool, tuple[int, Decimal]]:
        """Sa place dans un tri par l'épreuve de cette colonne ; sans dossier, à la fin."""
        cellules = self.cellules[place]
        return not cellules, min((une.lu.rang for une in cellules), default=(0, Decimal(0)))


@dataclass(frozen=True)
class EpreuveSuivie:
    """Une épreuve, et combien de ses dossiers en sont où ; `sans_note` compte les autres états."""

    cle: str
    code: str
    intitule: str
    comptes: tuple[tuple[str, int], ...]
    sans_note: int


@dataclass(frozen=True)
class TableauDiplome:
    """Les candidats d'un diplôme, devant ses épreuves ; `diplome` : son nom parmi les autres, s'il y en a."""

    diplome: str
    colonnes: tuple[EpreuveSuivie, ...]
    rangees: tuple[CandidatSuivi, ...]

    def montrees(self, tri: str, *, suspens: bool) -> tuple[CandidatSuivi, ...]:
        """Par candidat (« nom ») ou par épreuve (sa clé) : état, puis note ; un « - » renverse. `suspens` :
        les seuls candidats dont un dossier est à compléter ou à arbitrer."""
        rangees = [rangee for rangee in self.rangees if rangee.en_suspens or not suspens]
        cles = [colonne.cle for colonne in self.colonnes]
        cle = tri.removeprefix("-")
        if cle in cles:
            place = cles.index(cle)
            rangees.sort(key=lambda rangee: rangee.rang(place))
        elif cle != "nom":
            return tuple(rangees)
        return tuple(rangees[::-1] if tri.startswith("-") else rangees)


@dataclass(frozen=True)
class Cockpit:
    tableaux: tuple[TableauDiplome, ...]
    conseils: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def colonnes(self) -> tuple[EpreuveSuivie, ...]:
        return tuple(colonne for tableau in self.tableaux for colonne in tableau.colonnes)

    @cached_property
    def rangees(self) -> tuple[CandidatSuivi, ...]:
        return tuple(rangee for tableau in self.tableaux for rangee in tableau.rangees)

    @cached_property
    def cellules(self) -> tuple[DossierMontre, ...]:
        return tuple(une for rangee in self.rangees for cellules in rangee.cellules for une in cellules)

    @property
    def a_figer(self) -> int:
        """Les dossiers figés et ceux qui doivent l'être : un candidat ponctuel n'en a pas."""
        return sum(cellule.lu.attendu for cellule in self.cellules)

    @property
    def figes(self) -> int:
        return sum(cellule.lu.fige for cellule in self.cellules)

    @property
    def fini(self) -> bool:
        """Il ne reste rien à faire, qu'à figer ou à lire."""
        return all(cellule.lu.fige or not cellule.lu.gestes for cellule in self.cellules)

    @property
    def attendus(self) -> tuple[tuple[str, int], ...]:
        """De qui l'on attend un geste, et dans combien de dossiers ; les plus attendus d'abord."""
        compte = Counter(qui for cellule in self.cellules for qui in cellule.lu.a_qui)
        return tuple(compte.most_common())

    @property
    def en_suspens(self) -> tuple[CandidatSuivi, ...]:
        """Les candidats dont un dossier est à compléter ou à arbitrer."""
        return tuple(rangee for rangee in self.rangees if rangee.en_suspens)


def cockpit(commissions: Collection[Commission], user: Utilisateur) -> Cockpit:
    """Avancement de ces commissions, lues avec leur épreuve et son référentiel ; un lien mène à la grille
    d'une situation si `user` peut l'ouvrir."""
    intitules = {commission.pk: commission.intitule for commission in commissions}
    suivis = RESUMES.de(intitules)
    dossiers = montres(suivis, _permises(suivis, user))
    epreuves = {commission.pk: commission.epreuve for commission in commissions}
    diplomes = {pk: epreuve.referentiel_id for pk, epreuve in epreuves.items()}
    par_diplome: dict[int, list[DossierMontre]] = defaultdict(list)
    for un in dossiers:
        par_diplome[diplomes[un.lu.commission]].append(un)
    montrees = [epreuve for epreuve in epreuves.values() if epreuve.referentiel_id in par_diplome]
    referentiels = {epreuve.referentiel_id: epreuve.referentiel for epreuve in montrees}
    noms = distingues(referentiels.values())
    return Cockpit(
        tuple(
            _tableau(noms[diplome.pk], par_diplome[diplome.pk], epreuves)
            for diplome in sorted(referentiels.values(), key=lambda un: (un.code, un.version))
        ),
        tuple(
            {
                (intitules[un.lu.commission], un.lu.conseils_generaux): None
                for un in dossiers
                if un.lu.conseils_generaux
            }
        ),
    )


def _permises(suivis: Iterable[DossierSuivi], user: Utilisateur) -> set[int]:
    """Parmi les situations où il reste un geste, celles dont la personne peut ouvrir la grille."""
    attendues = {geste.reste.situation for un in suivis for geste in un.gestes if geste.reste.situation}
    permises = Situation.objects.for_user(user, Action.VOIR_CLASSE).filter(pk__in=attendues)
    return set(permises.values_list("pk", flat=True))


def _tableau(diplome: str, dossiers: list[DossierMontre], epreuves: dict[int, Epreuve]) -> TableauDiplome:
    """`epreuves` : celle de chaque commission."""
    siennes = {commission: epreuve.pk for commission, epreuve in epreuves.items()}
    par_eleve: dict[int, dict[int, list[DossierMontre]]] = {}
    etats: dict[int, Counter[str]] = defaultdict(Counter)
    for un in dossiers:
        epreuve = siennes[un.lu.commission]
        par_eleve.setdefault(un.lu.eleve, {}).setdefault(epreuve, []).append(un)
        etats[epreuve][un.lu.etat] += 1
    connues = {epreuve.pk: epreuve for epreuve in epreuves.values() if epreuve.pk in etats}
    colonnes = sorted(connues.values(), key=lambda une: (une.ordre, une.pk))
    cles = [epreuve.pk for epreuve in colonnes]
    return TableauDiplome(
        diplome,
        tuple(_colonne(epreuve, etats[epreuve.pk]) for epreuve in colonnes),
        tuple(_candidat(cellules, cles) for cellules in par_eleve.values()),
    )


def _candidat(cellules: dict[int, list[DossierMontre]], epreuves: list[int]) -> CandidatSuivi:
    """Son option est celle de son premier dossier."""
    premier = next(iter(cellules.values()))[0]
    rangees = tuple(tuple(cellules.get(epreuve, ())) for epreuve in epreuves)
    return CandidatSuivi(premier.eleve, premier.lu.option, rangees)


def _colonne(epreuve: Epreuve, etats: Counter[str]) -> EpreuveSuivie:
    comptes = tuple((etat, etats.pop(etat, 0)) for etat in ETATS)
    presents = tuple(compte for compte in comptes if compte[1])
    return EpreuveSuivie(f"e{epreuve.pk}", epreuve.code, epreuve.intitule, presents, etats.total())
