"""De la base au tableau d'avancement : candidats × épreuves, en un nombre constant de requêtes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from certification.dossier.grille import Etat
from certification.dossier.models import Dossier
from certification.dossier.resultats import MENTIONS, DossierLu, dossiers_lus
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
from referentiel.models import Competence
from trpm.permissions import Action


@dataclass(frozen=True)
class Geste:
    """Un reste, et l'adresse de la case qui l'attend."""

    reste: Reste
    adresse: str


@dataclass(frozen=True)
class Cellule:
    """Le dossier d'un candidat à une épreuve."""

    lu: DossierLu
    gestes: tuple[Geste, ...]
    conseils: tuple[str, ...]

    @property
    def en_suspens(self) -> bool:
        return not self.lu.fige and self.lu.grille.etat in (Etat.A_COMPLETER, Etat.A_ARBITRER)


@dataclass(frozen=True)
class Rangee:
    eleve: Eleve
    cellules: tuple[tuple[Cellule, ...], ...]


@dataclass(frozen=True)
class Colonne:
    """Une épreuve, et combien de ses dossiers en sont où ; `sans_note` compte les autres états."""

    code: str
    intitule: str
    comptes: tuple[tuple[str, int], ...]
    sans_note: int


@dataclass(frozen=True)
class Cockpit:
    colonnes: tuple[Colonne, ...]
    rangees: tuple[Rangee, ...]
    conseils: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def en_suspens(self) -> tuple[Rangee, ...]:
        """Les candidats dont un dossier est à compléter ou à arbitrer."""
        return tuple(
            rangee
            for rangee in self.rangees
            if any(cellule.en_suspens for cellules in rangee.cellules for cellule in cellules)
        )


def cockpit(dossiers: Iterable[Dossier], user: Utilisateur) -> Cockpit:
    """Avancement de ces dossiers ; un lien mène à la grille d'une situation si `user` peut l'ouvrir."""
    lus = dossiers_lus(dossiers)
    cases = _Cases(lus, user)
    par_eleve: dict[Eleve, dict[str, list[Cellule]]] = defaultdict(lambda: defaultdict(list))
    for lu in lus:
        par_eleve[lu.dossier.eleve][lu.dossier.commission.epreuve.code].append(cases.cellule(lu))
    epreuves = {e.code: e for e in sorted({lu.dossier.commission.epreuve for lu in lus}, key=_ordre)}
    return Cockpit(
        tuple(_colonne(epreuve.code, epreuve.intitule, lus) for epreuve in epreuves.values()),
        tuple(
            Rangee(eleve, tuple(tuple(cellules[code]) for code in epreuves))
            for eleve, cellules in par_eleve.items()
        ),
        tuple(
            {
                (lu.dossier.commission.intitule, conseils): None
                for lu in lus
                if not lu.fige and (conseils := lu.grille.commission.conseils())
            }
        ),
    )


def _ordre(epreuve: object) -> tuple[int, int]:
    return epreuve.ordre, epreuve.pk  # type: ignore[attr-defined]


def _colonne(code: str, intitule: str, lus: list[DossierLu]) -> Colonne:
    etats = Counter(lu.etat for lu in lus if lu.dossier.commission.epreuve.code == code)
    comptes = tuple((etat, etats.pop(etat, 0)) for etat in ETATS)
    return Colonne(code, intitule, tuple(compte for compte in comptes if compte[1]), etats.total())


class _Cases:
    """Les situations retenues de tous ces candidats, lues une fois."""

    def __init__(self, lus: list[DossierLu], user: Utilisateur) -> None:
        self.ouverts = [lu for lu in lus if not lu.fige]
        eleves = {lu.dossier.eleve for lu in self.ouverts}
        self.situations = list(
            Situation.objects.filter(hors_brouillon(), classe__scolarites__eleve__in=eleves)
            .select_related("auteur")
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
        manques = restes(lu.grille, self._vecues(eleve), self.mentions[eleve.pk])
        generaux = lu.grille.commission.conseils()
        return Cellule(
            lu,
            tuple(Geste(reste, self._adresse(lu, reste)) for reste in manques),
            tuple(conseil for conseil in lu.grille.conseils if conseil not in generaux),
        )

    def _vecues(self, eleve: Eleve) -> list[Visee]:
        return [
            self.visees[situation.pk]
            for situation in self.situations
            if situation.pk in self.siennes[eleve.pk] and situation.est_retenue(eleve.promotion.session)
        ]

    def _adresse(self, lu: DossierLu, reste: Reste) -> str:
        if reste.situation in self.permises:
            competence = self.competences[lu.dossier.commission.grille.referentiel_id, reste.competence]
            grille = reverse("livret:grille", args=[reste.situation])
            return f"{grille}#c{competence}-{lu.dossier.eleve_id}"
        return f"{lu.dossier.get_absolute_url()}#{reste.competence or 'note'}"


def _visee(situation: Situation) -> Visee:
    visees = {competence.code for competence in situation.competences.all()}
    visees |= {detaillee.competence.code for detaillee in situation.detaillees.all()}
    return Visee(situation.pk, situation.intitule, situation.auteur.nom_complet, frozenset(visees))
