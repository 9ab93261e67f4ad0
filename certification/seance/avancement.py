"""De la base au tableau d'avancement : candidats × épreuves, en un nombre constant de requêtes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from certification.commission.models import Commission
from certification.dossier.grille.citations import ModaliteCitee
from certification.dossier.grille.epreuve import EtatDossier
from certification.dossier.matiere import MENTIONS
from certification.dossier.models import Dossier
from certification.dossier.resultats import DossierLu, dossiers_lus
from certification.seance.restes import (
    ETATS,
    Reste,
    Visee,
    restes,
)
from livret.models import (
    Eleve,
    Evaluation,
    Situation,
    Utilisateur,
)
from livret.situation.models.situation import hors_brouillon
from referentiel.models import Competence, Epreuve, Referentiel
from referentiel.reglement.distinction import distingues
from trpm.permissions import Action
from trpm.textes import ancre


@dataclass(frozen=True)
class GesteAttendu:
    """Un reste, et l'adresse de la case qui l'attend."""

    reste: Reste
    adresse: str


@dataclass(frozen=True)
class Cellule:
    """Le dossier d'un candidat à une épreuve."""

    lu: DossierLu
    gestes: tuple[GesteAttendu, ...]
    conseils: tuple[str, ...]

    @property
    def a_qui(self) -> tuple[str, ...]:
        """Ceux dont on attend un geste, chacun une fois."""
        return tuple(dict.fromkeys(geste.reste.a_qui for geste in self.gestes))

    @property
    def rang(self) -> tuple[int, Decimal]:
        """Où en est le dossier, puis sa note : la proposée, sinon la calculée."""
        etat, grille = self.lu.etat, self.lu.grille
        note = grille.calculee if grille.note_proposee is None else grille.note_proposee
        return ETATS.index(etat) if etat in ETATS else len(ETATS), Decimal(-1) if note is None else note

    @property
    def en_suspens(self) -> bool:
        return not self.lu.fige and self.lu.grille.etat in (
            EtatDossier.A_CONFIRMER,
            EtatDossier.A_COMPLETER,
            EtatDossier.A_ARBITRER,
        )


@dataclass(frozen=True)
class CandidatSuivi:
    eleve: Eleve
    cellules: tuple[tuple[Cellule, ...], ...]

    @property
    def premier(self) -> Dossier | None:
        """Le dossier par où l'examiner : sa première épreuve."""
        return next((une.lu.dossier for cellules in self.cellules for une in cellules), None)

    @property
    def en_suspens(self) -> bool:
        return any(cellule.en_suspens for cellules in self.cellules for cellule in cellules)

    def rang(self, place: int) -> tuple[bool, tuple[int, Decimal]]:
        """Sa place dans un tri par l'épreuve de cette colonne ; sans dossier, à la fin."""
        cellules = self.cellules[place]
        return not cellules, min((une.rang for une in cellules), default=(0, Decimal(0)))


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

    @property
    def rangees(self) -> tuple[CandidatSuivi, ...]:
        return tuple(rangee for tableau in self.tableaux for rangee in tableau.rangees)

    @property
    def cellules(self) -> tuple[Cellule, ...]:
        return tuple(une for rangee in self.rangees for cellules in rangee.cellules for une in cellules)

    @property
    def a_figer(self) -> tuple[Cellule, ...]:
        """Les dossiers figés et ceux qui doivent l'être : un candidat ponctuel n'en a pas."""
        return tuple(une for une in self.cellules if une.lu.fige or _attendue(une.lu.grille.modalite))

    @property
    def figes(self) -> int:
        return sum(cellule.lu.fige for cellule in self.cellules)

    @property
    def fini(self) -> bool:
        """Il ne reste rien à faire, qu'à figer ou à lire."""
        return all(cellule.lu.fige or not cellule.gestes for cellule in self.cellules)

    @property
    def attendus(self) -> tuple[tuple[str, int], ...]:
        """De qui l'on attend un geste, et dans combien de dossiers ; les plus attendus d'abord."""
        compte = Counter(qui for cellule in self.cellules for qui in cellule.a_qui)
        return tuple(compte.most_common())

    @property
    def en_suspens(self) -> tuple[CandidatSuivi, ...]:
        """Les candidats dont un dossier est à compléter ou à arbitrer."""
        return tuple(rangee for rangee in self.rangees if rangee.en_suspens)


def cockpit(dossiers: Iterable[Dossier], user: Utilisateur) -> Cockpit:
    """Avancement de ces dossiers ; un lien mène à la grille d'une situation si `user` peut l'ouvrir."""
    lus = dossiers_lus(dossiers, abreges=True)
    cases = _Cases(lus, user)
    par_diplome: dict[Referentiel, list[DossierLu]] = defaultdict(list)
    for lu in lus:
        par_diplome[lu.dossier.commission.epreuve.referentiel].append(lu)
    noms = distingues(par_diplome)
    return Cockpit(
        tuple(
            _tableau(noms[diplome.pk], par_diplome[diplome], cases)
            for diplome in sorted(par_diplome, key=lambda un: (un.code, un.version))
        ),
        tuple(
            {
                (lu.dossier.commission.intitule, conseils): None
                for lu in lus
                if not lu.fige and (conseils := conseils_generaux(lu))
            }
        ),
    )


def _tableau(diplome: str, lus: list[DossierLu], cases: _Cases) -> TableauDiplome:
    par_eleve: dict[Eleve, dict[int, list[Cellule]]] = defaultdict(lambda: defaultdict(list))
    for lu in lus:
        par_eleve[lu.dossier.eleve][lu.dossier.commission.epreuve_id].append(cases.cellule(lu))
    epreuves = sorted({lu.dossier.commission.epreuve for lu in lus}, key=lambda une: (une.ordre, une.pk))
    return TableauDiplome(
        diplome,
        tuple(_colonne(epreuve, lus) for epreuve in epreuves),
        tuple(
            CandidatSuivi(eleve, tuple(tuple(cellules[epreuve.pk]) for epreuve in epreuves))
            for eleve, cellules in par_eleve.items()
        ),
    )


def _colonne(epreuve: Epreuve, lus: list[DossierLu]) -> EpreuveSuivie:
    etats = Counter(lu.etat for lu in lus if lu.dossier.commission.epreuve_id == epreuve.pk)
    comptes = tuple((etat, etats.pop(etat, 0)) for etat in ETATS)
    presents = tuple(compte for compte in comptes if compte[1])
    return EpreuveSuivie(f"e{epreuve.pk}", epreuve.code, epreuve.intitule, presents, etats.total())


class _Cases:
    """Les situations retenues de tous ces candidats, lues une fois."""

    def __init__(self, lus: list[DossierLu], user: Utilisateur) -> None:
        self.ouverts = [lu for lu in lus if not lu.fige]
        eleves = {lu.dossier.eleve for lu in self.ouverts}
        self.situations = list(
            Situation.objects.filter(hors_brouillon(), classe__scolarites__eleve__in=eleves)
            .select_related("auteur", "classe__promotion")
            .prefetch_related("competences", "detaillees__competence")
            .order_by("debut", "pk")
            .distinct()
        )
        self.siennes = Situation.objects.par_eleve(eleves)
        self.permises = set(
            Situation.objects.for_user(user, Action.VOIR_CLASSE)
            .filter(pk__in=[situation.pk for situation in self.situations])
            .values_list("pk", flat=True)
        )
        self.mentions: dict[int, dict[tuple[int, str], str]] = defaultdict(dict)
        for eleve, situation, code, mention in (
            Evaluation.objects.filter(eleve__in=eleves, situation__in=self.situations)
            .exclude(mention="")
            .values_list("eleve_id", "situation_id", "competence__code", "mention")
        ):
            self.mentions[eleve][situation, code] = MENTIONS[mention]
        self.visees = {situation.pk: _visee(situation) for situation in self.situations}
        self.retenues: dict[int, list[Visee]] = {}
        self.competences = {
            (competence.referentiel_id, competence.code): competence.pk
            for competence in Competence.objects.filter(
                referentiel__in={lu.dossier.commission.grille.referentiel_id for lu in self.ouverts}
            )
        }

    def cellule(self, lu: DossierLu) -> Cellule:
        if lu.fige:
            return Cellule(lu, (), ())
        eleve = lu.dossier.eleve
        manques = restes(lu.grille, self._vecues(lu), self.mentions[eleve.pk])
        generaux = conseils_generaux(lu)
        return Cellule(
            lu,
            tuple(GesteAttendu(reste, self._adresse(lu, reste)) for reste in manques),
            tuple(conseil for conseil in lu.grille.conseils if conseil not in generaux),
        )

    def _vecues(self, lu: DossierLu) -> list[Visee]:
        siennes = self.siennes[lu.dossier.eleve_id]
        return [visee for visee in self._retenues(lu.dossier.commission) if visee.situation in siennes]

    def _retenues(self, commission: Commission) -> list[Visee]:
        """Les situations du référentiel de la commission, retenues pour sa session ; relevées une fois."""
        if commission.pk not in self.retenues:
            comptent = commission.comptent
            self.retenues[commission.pk] = [
                self.visees[une.pk]
                for une in self.situations
                if une.classe.promotion.referentiel_id == commission.grille.referentiel_id
                and une.est_retenue(*comptent)
            ]
        return self.retenues[commission.pk]

    def _adresse(self, lu: DossierLu, reste: Reste) -> str:
        if reste.situation in self.permises:
            competence = self.competences[lu.dossier.commission.grille.referentiel_id, reste.competence]
            grille = reverse("livret:grille", args=[reste.situation])
            return f"{grille}#c{competence}-{lu.dossier.eleve_id}"
        return f"{lu.dossier.get_absolute_url()}#{ancre(reste.competence) if reste.competence else 'note'}"


def _visee(situation: Situation) -> Visee:
    visees = {competence.code for competence in situation.competences.all()}
    visees |= {detaillee.competence.code for detaillee in situation.detaillees.all()}
    return Visee(situation.pk, situation.intitule, situation.auteur.nom_complet, frozenset(visees))


def _attendue(modalite: ModaliteCitee) -> bool:
    return modalite.ccf or modalite.inconnue


def conseils_generaux(lu: DossierLu) -> tuple[str, ...]:
    """Les conseils qui valent pour toute la commission."""
    commission = lu.dossier.commission
    return lu.grille.commission.conseils(commission.regles, commission.epreuve.code)
