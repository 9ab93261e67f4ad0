"""Le livret d'un élève tel que le montrent la page, le PDF et l'archive : un seul objet.

Trois voix parlent : les enseignants, l'élève (auto-évaluation) et le tuteur (situations
« entreprise » qui portent son nom). Une note n'a pas de place ici.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import F, QuerySet

from livret.annee import (
    SECOND_SEMESTRE,
    MoisJour,
    avancee,
    entree,
    premier_jour,
    rentree,
    semestre_courant,
)
from livret.eleve import graphiques
from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.avant import DejaMontre, LivretAvant, deja_montre, livrets_avant
from livret.eleve.portrait import (
    ELEVE,
    ENSEIGNANTS,
    TUTEUR,
    VOIX,
    Avis,
    Portrait,
    RangeePortrait,
    dit_par,
)
from livret.niveaux import Preuve
from livret.personnes.classes import sous_referentiels
from livret.personnes.inscriptions import tels_qu_avant, tels_qu_inscrits
from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Eleve, Scolarite
from livret.progression.attendu import (
    Attentes,
    Position,
    RepereEleve,
    reperes,
)
from livret.progression.attentes import attentes_de, semestre_de
from livret.situation.models.situation import Situation
from livret.situation.temps import publiee_de_ce_temps
from livret.synthese.ligne import LigneLivret
from livret.synthese.livrets import Livret, livrets
from referentiel.echelle import Degre
from referentiel.models import Epreuve
from referentiel.reglement.cycle import Cycle
from trpm.base.preparees import Preparee
from trpm.textes import ancre


@dataclass(frozen=True)
class EtapeSemestre:
    """Une compétence à la fin d'un semestre : le meilleur niveau démontré, et ce qui était attendu."""

    semestre: str
    atteint: Degre | None
    attendu: Degre | None


@dataclass(frozen=True)
class Trajet:
    """Le cycle d'une session, et le semestre où l'élève y est entré : le premier, ou plus tard."""

    cycle: Cycle
    session: int
    premier: int = 1
    depuis: MoisJour = SECOND_SEMESTRE

    @property
    def semestres(self) -> dict[int, str]:
        return {rang: nom for rang, nom in self.cycle.semestres.items() if rang >= self.premier}

    @property
    def debut(self) -> datetime.date:
        """Premier jour de l'année scolaire de son entrée."""
        return premier_jour(entree(self.cycle, self.session) + (self.premier - 1) // 2)

    def courant(self, jour: datetime.date) -> int | None:
        return semestre_courant(self.cycle, self.session, jour, self.depuis)

    def place(self, jour: datetime.date) -> float:
        """Place d'un jour, de 0 (son entrée) au nombre de ses semestres."""
        return max(avancee(self.cycle, self.session, jour, self.depuis) - (self.premier - 1), 0)


@dataclass(frozen=True)
class LigneSuivi:
    ligne: LigneLivret
    repere: RepereEleve
    avis: tuple[Avis, ...]
    etapes: tuple[EtapeSemestre, ...]
    trajet: Trajet
    deja: tuple[DejaMontre, ...] = ()

    @property
    def a_prouver(self) -> bool:
        return self.ligne.meilleure is None or self.repere.position == Position.RETARD

    @property
    def auto(self) -> Avis | None:
        """Ce que l'élève pense de lui-même, la dernière fois qu'il l'a dit."""
        return dit_par(self.avis, ELEVE)

    def frise(self, echelle: tuple[str, ...]) -> str:
        rangs = {code: rang for rang, code in enumerate(echelle)}
        points = tuple(
            graphiques.Point(self.trajet.place(un.date), rangs[un.degre.code], VOIX[un.voix][1])
            for un in self.avis
        )
        attendus = tuple(rangs[une.attendu.code] if une.attendu else None for une in self.etapes)
        return graphiques.frise(
            points,
            attendus,
            echelle,
            tuple(une.semestre for une in self.etapes),
            f"frise-{ancre(self.ligne.code)}",
            f"Évolution de {self.ligne.code}, semestre par semestre",
            " ; ".join(_dit(une) for une in self.etapes),
        )


def _dit(etape: EtapeSemestre) -> str:
    atteint = f"niveau {etape.atteint.code}" if etape.atteint else "non évaluée"
    attendu = f", attendu {etape.attendu.code}" if etape.attendu else ""
    return f"{etape.semestre} : {atteint}{attendu}"


@dataclass(frozen=True)
class BlocSuivi:
    """Un bloc de compétences, l'épreuve qui l'évalue et ses compétences."""

    code: str
    intitule: str
    epreuve: str
    epreuve_intitule: str
    lignes: tuple[LigneSuivi, ...]

    @property
    def evaluees(self) -> int:
        return sum(une.ligne.meilleure is not None for une in self.lignes)

    @property
    def tenues(self) -> int:
        """Compétences au niveau attendu maintenant, ou au-delà."""
        return sum(une.repere.position in (Position.ATTENDU, Position.AVANCE) for une in self.lignes)

    @property
    def attendues(self) -> int:
        return sum(une.repere.attendu is not None for une in self.lignes)

    @property
    def a_prouver(self) -> tuple[LigneSuivi, ...]:
        return tuple(une for une in self.lignes if une.a_prouver)

    def barre(self, echelle: tuple[str, ...]) -> str:
        parts = tuple(
            graphiques.PartBarre(
                une.ligne.code,
                une.ligne.degre.code if une.ligne.degre else "",
                echelle.index(une.ligne.degre.code) if une.ligne.degre else None,
                une.ligne.degre.symbole if une.ligne.degre else "",
            )
            for une in self.lignes
        )
        titre = f"{self.epreuve} : meilleur niveau de chaque compétence"
        return graphiques.barre(parts, len(echelle), f"barre-{ancre(self.epreuve)}", titre)


@dataclass(frozen=True)
class SuiviEleve:
    eleve: Eleve
    livret: Livret
    classe: Classe | None
    parcours: tuple[Scolarite, ...]
    semestre: int | None
    blocs: tuple[BlocSuivi, ...]
    trajet: Trajet
    avant: tuple[LivretAvant, ...] = ()

    @property
    def echelle(self) -> tuple[str, ...]:
        return tuple(self.livret.echelle.codes)

    @property
    def semestre_nom(self) -> str:
        return self.trajet.cycle.nom(self.semestre)

    @property
    def lignes(self) -> list[LigneSuivi]:
        return [une for bloc in self.blocs for une in bloc.lignes]

    @property
    def a_prouver(self) -> list[LigneSuivi]:
        return [une for une in self.lignes if une.a_prouver]

    @property
    def tenues(self) -> int:
        """Compétences au niveau attendu maintenant, ou au-delà."""
        return sum(bloc.tenues for bloc in self.blocs)

    @cached_property
    def attendue(self) -> bool:
        """L'équipe a dit ce qu'elle attend maintenant."""
        return any(bloc.attendues for bloc in self.blocs)

    @property
    def venu(self) -> bool:
        """Il a fait une partie de son parcours dans un autre établissement."""
        return any(une.classe.origine for une in self.parcours)

    @property
    def debut(self) -> datetime.date:
        return self.trajet.debut

    @property
    def entree(self) -> str:
        """L'année du cycle où il est entré."""
        return self.trajet.cycle.annees[(self.trajet.premier - 1) // 2]

    @cached_property
    def dessine(self) -> list[tuple[BlocSuivi, str, list[tuple[LigneSuivi, str]]]]:
        """Chaque bloc et sa barre, chaque compétence et sa frise."""
        return [
            (bloc, bloc.barre(self.echelle), [(une, une.frise(self.echelle)) for une in bloc.lignes])
            for bloc in self.blocs
        ]

    def portrait(self, jour: datetime.date, voix: Iterable[str] = tuple(VOIX)) -> Portrait:
        choisies = tuple(une for une in VOIX if une in set(voix)) or tuple(VOIX)
        rangees = []
        for une in self.lignes:
            connus = [avis for avis in une.avis if avis.date <= jour]
            dits = (dit_par(connus, voix) for voix in choisies)
            degres = tuple(avis.degre if avis else None for avis in dits)
            rangees.append(RangeePortrait(une.ligne.code, une.ligne.intitule, degres))
        mot = self.eleve.promotion.referentiel.regles.mot_tuteur
        return Portrait(jour, choisies, tuple(rangees), self.echelle, mot)


def suivi(
    eleve: Eleve,
    jour: datetime.date,
    *,
    visibles_seulement: bool,
    jusqu_au: datetime.date | None = None,
) -> SuiviEleve:
    """Treize requêtes, quel que soit le nombre d'évaluations ; les bornes sont celles de `passages`."""
    parcours = tuple(
        une for une in _parcours(eleve.pk) if jusqu_au is None or une.classe.annee.debut <= rentree(jusqu_au)
    )
    classe = _actuelle(parcours)
    if classe and jusqu_au:
        (eleve,) = tels_qu_inscrits([(eleve, classe.promotion)])
    siens = [eleve, *tels_qu_avant(eleve)]
    sous_referentiels((une.classe for une in parcours), *(un.promotion.referentiel for un in siens))
    bornees = publiee_de_ce_temps(jusqu_au, "situation__") if jusqu_au else None
    livret, *quittes = livrets(siens, visibles_seulement=visibles_seulement, comptent=bornees)
    avant = livrets_avant(eleve, quittes)
    attentes = attentes_de([eleve.promotion_id])[eleve.promotion_id]
    trajet = _trajet(eleve, parcours, (classe or eleve).etablissement.second_semestre)
    d_ici = classe and classe.promotion.referentiel_id == eleve.promotion.referentiel_id
    semestre = semestre_de(classe, jour) if classe and d_ici else trajet.courant(jour)
    situees = reperes(livret.lignes, livret.echelle, attentes, semestre)
    avis = _avis(eleve, livret, jusqu_au or datetime.date.max)
    deja, lignes = deja_montre(avant), defaultdict(list)
    for ligne in livret.lignes:
        lignes[ligne.epreuve].append(
            LigneSuivi(
                ligne,
                situees[ligne.code],
                tuple(avis[ligne.code]),
                _etapes(livret, ligne, attentes, trajet, semestre),
                trajet,
                deja.get(ligne.code, ()),
            )
        )
    blocs = _blocs(eleve, livret, lignes)
    return SuiviEleve(eleve, livret, classe, parcours, semestre, blocs, trajet, avant)


@Preparee
def _parcours(eleve: int) -> QuerySet[Scolarite, Scolarite]:
    siennes = Scolarite.objects.filter(eleve=eleve)
    liees = siennes.select_related("classe__annee", "classe__etablissement", "classe__promotion")
    return liees.order_by("classe__annee__debut", F("sortie").asc(nulls_last=True), "pk")


def _trajet(eleve: Eleve, parcours: Iterable[Scolarite], depuis: MoisJour) -> Trajet:
    """Un apprenti entré tard, un parcours de deux ans : le cycle commence à sa première classe."""
    cycle, ici = eleve.promotion.referentiel.cycle, eleve.promotion.referentiel_id
    d_ici = [une.classe.niveau for une in parcours if une.classe.promotion.referentiel_id == ici]
    entrees = [cycle.semestres_de(niveau)[0] for niveau in d_ici if niveau in cycle.annees]
    return Trajet(cycle, eleve.promotion.session, min(entrees, default=1), depuis)


def _actuelle(parcours: Iterable[Scolarite]) -> Classe | None:
    """Classe d'ici, de l'année la plus récente, de préférence celle que l'élève n'a pas quittée."""
    d_ici = [une for une in parcours if not une.classe.origine]
    derniere = max(d_ici, key=lambda une: une.rang, default=None)
    return derniere.classe if derniere else None


def _blocs(eleve: Eleve, livret: Livret, lignes: Mapping[str, list[LigneSuivi]]) -> tuple[BlocSuivi, ...]:
    blocs = {epreuve.code: epreuve.bloc for epreuve in _epreuves(eleve.promotion.referentiel_id)}
    return tuple(
        BlocSuivi(
            bloc.code if (bloc := blocs.get(code)) else "",
            bloc.intitule if bloc else intitule,
            code,
            intitule,
            tuple(lignes[code]),
        )
        for code, intitule in livret.epreuves
    )


@Preparee
def _epreuves(referentiel: int) -> QuerySet[Epreuve, Epreuve]:
    return Epreuve.objects.filter(referentiel=referentiel, bloc__isnull=False).select_related("bloc")


def _avis(eleve: Eleve, livret: Livret, jusqu_au: datetime.date) -> dict[str, list[Avis]]:
    """Par code de compétence, ce que chacun a dit, du plus ancien au plus récent. Deux requêtes."""
    preuves = [preuve for ligne in livret.lignes for preuve in ligne.preuves]
    du_tuteur = set(_du_tuteur(tuple(sorted({preuve.situation_id for preuve in preuves}))))
    avis: dict[str, dict[tuple[object, ...], Avis]] = defaultdict(dict)
    for preuve in preuves:
        if degre := livret.echelle.degre(preuve.valeur):
            voix = TUTEUR if preuve.situation_id in du_tuteur else ENSEIGNANTS
            avis[preuve.competence][voix, preuve.situation_id] = Avis(voix, preuve.date, degre)
    for pk, code, jour, niveau in _dites(eleve.pk, eleve.promotion.referentiel_id, jusqu_au):
        if degre := livret.lecture.lu(niveau):
            avis[code][ELEVE, pk] = Avis(ELEVE, jour, degre)
    return defaultdict(
        list, {code: sorted(dits.values(), key=lambda un: un.date) for code, dits in avis.items()}
    )


@Preparee
def _du_tuteur(situations: tuple[int, ...]) -> QuerySet[Situation, int]:
    en_entreprise = Situation.objects.filter(pk__in=situations, lieu=Situation.Lieu.ENTREPRISE)
    return en_entreprise.exclude(tuteur="").order_by().values_list("pk", flat=True)


@Preparee
def _dites(
    eleve: int, referentiel: int, jusqu_au: datetime.date
) -> QuerySet[AutoEvaluation, tuple[int, str, datetime.date, int]]:
    siennes = AutoEvaluation.objects.filter(
        eleve=eleve, date__lte=jusqu_au, competence__referentiel=referentiel
    )
    return siennes.values_list("pk", "competence__code", "date", "niveau_id")


def _etapes(
    livret: Livret, ligne: LigneLivret, attentes: Attentes, trajet: Trajet, semestre: int | None
) -> tuple[EtapeSemestre, ...]:
    """Ses semestres ; un semestre à venir n'a que son niveau attendu."""
    return tuple(
        EtapeSemestre(
            nom,
            livret.echelle.degre(_atteint(ligne.preuves, trajet, rang))
            if semestre and rang <= semestre
            else None,
            livret.echelle.degre(attentes.attendu(ligne.code, rang)),
        )
        for rang, nom in trajet.semestres.items()
    )


def _atteint(preuves: Iterable[Preuve], trajet: Trajet, semestre: int) -> int | None:
    jusque_la = [une.valeur for une in preuves if (trajet.courant(une.date) or 1) <= semestre]
    return max(jusque_la, default=None)
