"""Des PFMP en base à ce que montrent le tableau, la page, les documents et les relances.

Tout se charge pour plusieurs élèves à la fois, en un nombre de requêtes qui ne dépend pas d'eux.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from livret.evaluation.models import Evaluation
from livret.personnes.inscriptions import tels_qu_inscrits
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.pfmp.ailleurs import Venus, venus
from livret.pfmp.models.pfmp import Periode, Pfmp, PfmpQuerySet
from livret.pfmp.models.sejour import Absence, Sejour
from livret.pfmp.models.sejour import Visite as VisiteEnBase
from livret.pfmp.semaines import (
    ZERO,
    Manque,
    Presence,
    Semaines,
    jours_faits,
)
from livret.situation.models.situation import Situation, hors_brouillon
from livret.situation.temps import de_ce_temps
from livret.synthese.livrets import Livret, livrets
from referentiel.models import Activite, Competence
from trpm.base.preparees import Preparee

SEMAINE, QUINZAINE = datetime.timedelta(days=7), datetime.timedelta(days=14)
SANS_ENTREPRISE, A_VENIR, EN_COURS, TERMINEE = "sans entreprise", "à venir", "en cours", "terminée"


@dataclass(frozen=True)
class SuiviPfmp:
    """Une PFMP à un jour donné : ce qui s'y est passé, et ce qui y manque."""

    pfmp: Pfmp
    sejours: tuple[Sejour, ...]
    absences: tuple[Absence, ...]
    visites: tuple[VisiteEnBase, ...]
    evaluee: bool
    jour: datetime.date

    @property
    def eleve(self) -> Eleve:
        return self.pfmp.eleve

    @property
    def debut(self) -> datetime.date:
        return self.sejours[0].debut if self.sejours else self.pfmp.periode.debut

    @property
    def fin(self) -> datetime.date:
        return max((sejour.fin for sejour in self.sejours), default=self.pfmp.periode.fin)

    @property
    def accueils(self) -> list[tuple[Sejour, ...]]:
        """Séjours réunis quand ils se suivent dans la même entreprise avec le même tuteur."""
        cles = attrgetter("entreprise_id", "tuteur_id")
        return [tuple(groupe) for _, groupe in groupby(self.sejours, key=cles)]

    @property
    def moment(self) -> str:
        if not self.sejours:
            return SANS_ENTREPRISE
        if self.jour < self.debut:
            return A_VENIR
        return EN_COURS if self.jour <= self.fin else TERMINEE

    @property
    def terminee(self) -> bool:
        return self.moment == TERMINEE

    @property
    def etat(self) -> str:
        """L'état décidé s'il y en a un, sinon ce que disent les dates."""
        return self.moment if self.pfmp.modifiable else self.pfmp.get_etat_display()

    @property
    def jours_prevus(self) -> int:
        return sum(sejour.presence.prevus for sejour in self.sejours if not sejour.rattrapage)

    @property
    def jours_faits(self) -> Decimal:
        return jours_faits(
            [sejour.presence for sejour in self.sejours],
            [absence.manque for absence in self.absences],
            self.jour,
        )

    @property
    def semaines(self) -> Decimal:
        return Semaines(self.jours_faits, ZERO, None).faites

    @property
    def jours_absents(self) -> Decimal:
        return sum((absence.jours for absence in self.absences), ZERO)

    @property
    def faites(self) -> tuple[VisiteEnBase, ...]:
        return tuple(visite for visite in self.visites if visite.date <= self.jour)

    @property
    def manques(self) -> tuple[str, ...]:
        """Ce qui manque aujourd'hui, dans les mots de la relance ; rien pour une PFMP close ou annulée."""
        if not self.pfmp.modifiable:
            return ()
        visites = self.faites if self.terminee else self.visites
        fautes = {
            "une entreprise": not self.sejours,
            "un tuteur": bool(self.sejours) and self.sejours[-1].tuteur_id is None,
            "un enseignant référent": self.pfmp.referent_id is None,
            "la relecture de l’annexe": self.pfmp.annexe_relue_le is None and not self.terminee,
            "une visite": self.moment in (EN_COURS, TERMINEE) and not visites,
            "l’évaluation": self.terminee and not self.evaluee,
        }
        return tuple(manque for manque, manquant in fautes.items() if manquant)

    @property
    def relance_due(self) -> bool:
        """Il manque quelque chose à une PFMP commencée ou qui commence dans la quinzaine, et son référent
        n'a pas été relancé depuis une semaine."""
        relancee = self.pfmp.relancee_le
        proche = self.debut - QUINZAINE <= self.jour
        return bool(self.manques) and proche and (relancee is None or relancee <= self.jour - SEMAINE)


def suivis(pfmps: PfmpQuerySet, jour: datetime.date) -> list[SuiviPfmp]:
    """Ces PFMP à ce jour, dans leur ordre. Cinq requêtes."""
    lues = list(
        pfmps.select_related(
            "eleve__option", "eleve__promotion", "referent", "periode__classe__promotion__option"
        ).prefetch_related("sejours__entreprise", "sejours__tuteur", "absences", "visites__par")
    )
    tels = tels_qu_inscrits((pfmp.eleve, pfmp.periode.classe.promotion) for pfmp in lues)
    for pfmp, tel in zip(lues, tels, strict=True):
        pfmp.eleve = tel
    evaluations = _evaluations_en_entreprise(lues)
    resultat = []
    for pfmp in lues:
        suivi = SuiviPfmp(
            pfmp,
            tuple(pfmp.sejours.all()),
            tuple(pfmp.absences.all()),
            tuple(pfmp.visites.all()),
            False,
            jour,
        )
        evaluee = any(debut <= suivi.fin and fin >= suivi.debut for debut, fin in evaluations[pfmp.eleve_id])
        resultat.append(SuiviPfmp(pfmp, suivi.sejours, suivi.absences, suivi.visites, evaluee, jour))
    return resultat


def _evaluations_en_entreprise(pfmps: list[Pfmp]) -> dict[int, list[tuple[datetime.date, datetime.date]]]:
    """Par élève, dates des situations en entreprise où il porte un niveau (Q9)."""
    dates: dict[int, list[tuple[datetime.date, datetime.date]]] = defaultdict(list)
    lignes = (
        Evaluation.objects.filter(
            eleve__in={pfmp.eleve_id for pfmp in pfmps},
            niveau__isnull=False,
            situation__lieu=Situation.Lieu.ENTREPRISE,
        )
        .filter(hors_brouillon("situation__"))
        .values_list("eleve_id", "situation__debut", "situation__fin")
        .distinct()
    )
    for eleve, debut, fin in lignes:
        dates[eleve].append((debut, fin))
    return dates


@dataclass(frozen=True)
class TableauPeriode:
    """Une période d'une classe : ses PFMP, et ceux qui n'en ont pas."""

    periode: Periode
    suivis: tuple[SuiviPfmp, ...]

    @property
    def maintenus(self) -> tuple[SuiviPfmp, ...]:
        return tuple(suivi for suivi in self.suivis if suivi.pfmp.etat != Pfmp.Etat.ANNULEE)

    @property
    def ouvert(self) -> bool:
        return any(suivi.pfmp.modifiable for suivi in self.suivis)

    @property
    def a_relancer(self) -> tuple[SuiviPfmp, ...]:
        return tuple(suivi for suivi in self.suivis if suivi.manques)


def tableaux(periodes: Iterable[Periode], jour: datetime.date) -> list[TableauPeriode]:
    """Un tableau par période, dans leur ordre, en un nombre fixe de requêtes."""
    periodes = list(periodes)
    groupes: dict[int, list[SuiviPfmp]] = defaultdict(list)
    for suivi in suivis(Pfmp.objects.filter(periode__in=periodes), jour):
        groupes[suivi.pfmp.periode_id].append(suivi)
    return [TableauPeriode(periode, tuple(groupes[periode.pk])) for periode in periodes]


# --- Les semaines ------------------------------------------------------------------------------


def semaines_par_eleve(eleves: Iterable[Eleve], jour: datetime.date) -> dict[int, Semaines]:
    """Semaines de PFMP faites à ce jour, toutes années confondues, et la cible de leur référentiel.

    Trois requêtes, quel que soit le nombre d'élèves. Les PFMP annulées ne comptent pas ; celles d'un autre
    établissement, reçues avec l'élève, comptent sous son nom.
    """
    eleves = list(eleves)
    cibles, la_bas = _cibles_et_venus(eleves)
    presences: dict[tuple[int, int], list[Presence]] = defaultdict(list)
    manques: dict[tuple[int, int], list[Manque]] = defaultdict(list)
    cles = tuple(sorted({un.pk for un in eleves}))
    for sejour in _sejours(cles):
        presences[sejour.pfmp.eleve_id, sejour.pfmp_id].append(sejour.presence)
    for absence in _absences(cles):
        manques[absence.pfmp.eleve_id, absence.pfmp_id].append(absence.manque)
    faits: dict[int, Decimal] = defaultdict(Decimal)
    prevus: dict[int, Decimal] = defaultdict(Decimal)
    for (eleve, pfmp), sejours in presences.items():
        faits[eleve] += jours_faits(sejours, manques[eleve, pfmp], jour)
        prevus[eleve] += jours_faits(sejours, manques[eleve, pfmp], datetime.date.max)
    return {
        eleve.pk: Semaines(
            faits[eleve.pk] + sum(un.jours for un in la_bas[eleve.pk]),
            prevus[eleve.pk] + sum(un.jours for un in la_bas[eleve.pk]),
            cibles[eleve.promotion_id],
            tuple((un.origine, un.jours) for un in la_bas[eleve.pk]),
        )
        for eleve in eleves
    }


@Preparee
def _sejours(eleves: tuple[int, ...]) -> QuerySet[Sejour, Sejour]:
    return Sejour.objects.filter(_maintenue(eleves)).select_related("pfmp")


@Preparee
def _absences(eleves: tuple[int, ...]) -> QuerySet[Absence, Absence]:
    return Absence.objects.filter(_maintenue(eleves)).select_related("pfmp")


def _maintenue(eleves: tuple[int, ...]) -> Q:
    return Q(pfmp__eleve__in=eleves) & ~Q(pfmp__etat=Pfmp.Etat.ANNULEE)


def _cibles_et_venus(
    eleves: list[Eleve],
) -> tuple[dict[int, int | None], dict[int, tuple[Venus, ...]]]:
    """La cible de chaque promotion, et ce que chaque élève a apporté d'un autre établissement. Une requête ;
    une de plus pour qui est lu dans une autre promotion que la sienne."""
    lus = _visees(tuple(sorted({un.pk for un in eleves})))
    cibles: dict[int, int | None] = {}
    apports: dict[int, list[tuple[str, datetime.date, list[Any]]]] = defaultdict(list)
    for pk, promotion, cible, origine, le, lignes in lus:
        cibles[promotion] = cible
        if lignes:
            apports[pk].append((origine, timezone.localdate(le), lignes.get("pfmp", [])))
    if autres := {un.promotion_id for un in eleves} - cibles.keys():
        visees = Promotion.toutes.filter(pk__in=autres)
        cibles |= dict(visees.values_list("pk", "referentiel__semaines_pfmp"))
    return cibles, defaultdict(tuple, {pk: venus(siens) for pk, siens in apports.items()})


@Preparee
def _visees(eleves: tuple[int, ...]) -> QuerySet[Eleve, tuple[Any, ...]]:
    return (
        Eleve.objects.filter(pk__in=eleves)
        .order_by("transferts__le")
        .values_list(
            *("pk", "promotion", "promotion__referentiel__semaines_pfmp"),
            *("transferts__origine", "transferts__le", "transferts__lignes"),
        )
    )


# --- L'annexe pédagogique ------------------------------------------------------------------------


@dataclass(frozen=True)
class Annexe:
    """Ce qu'une PFMP peut viser : clés primaires de compétences et de tâches."""

    competences: tuple[int, ...]
    taches: tuple[int, ...]


def annexes_proposees(eleves: Iterable[Eleve], classe: Classe) -> dict[int, Annexe]:
    """Pour chaque élève de cette classe : les compétences jamais évaluées ou sous leur maximum, et les
    tâches de son option dans les activités qui les mobilisent."""
    tenus = livrets(eleves, comptent=de_ce_temps(classe, "situation__"))
    versions = {livret.eleve.promotion.referentiel_id for livret in tenus}
    competences = {
        (competence.referentiel_id, competence.code): competence.pk
        for competence in Competence.objects.filter(referentiel__in=versions)
    }
    activites = list(
        Activite.objects.filter(referentiel__in=versions).prefetch_related("competences", "taches")
    )
    return {livret.eleve.pk: _annexe(livret, competences, activites) for livret in tenus}


def _annexe(livret: Livret, competences: dict[tuple[int, str], int], activites: list[Activite]) -> Annexe:
    eleve = livret.eleve
    version = eleve.promotion.referentiel_id
    a_prouver = [
        competences[version, ligne.code]
        for ligne in livret.lignes
        if ligne.valeur is None or ligne.valeur < livret.echelle.maximum
    ]
    taches = [
        tache.pk
        for activite in activites
        if activite.referentiel_id == version
        and any(competence.pk in a_prouver for competence in activite.competences.all())
        for tache in activite.taches.all()
        if tache.option_id in (None, eleve.option_id)
    ]
    return Annexe(tuple(dict.fromkeys(a_prouver)), tuple(taches))


# --- Les relances --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Relance:
    """Ce que l'on écrit à un enseignant référent ; sans référent, personne à qui écrire."""

    referent: Utilisateur | None
    suivis: tuple[SuiviPfmp, ...]

    @property
    def joignable(self) -> bool:
        return bool(self.referent and self.referent.email)

    @property
    def due(self) -> bool:
        return self.joignable and any(suivi.relance_due for suivi in self.suivis)

    @property
    def derniere(self) -> datetime.date | None:
        return max((un.pfmp.relancee_le for un in self.suivis if un.pfmp.relancee_le), default=None)

    @property
    def objet(self) -> str:
        periode = self.suivis[0].pfmp.periode
        return f"{periode}, {periode.classe} : ce qui manque"

    @property
    def texte(self) -> str:
        lignes = [f"- {suivi.eleve} : {', '.join(suivi.manques)}" for suivi in self.suivis]
        bonjour = f"Bonjour {self.referent.nom_complet},\n\n" if self.referent else ""
        return f"{bonjour}Pour {self.objet} :\n\n" + "\n".join(lignes)


@dataclass(frozen=True)
class RelanceFaite:
    """Une relance, et ce qu'il en est advenu : `refus` vide, elle est partie."""

    relance: Relance
    texte: str
    refus: str | None = None

    @property
    def faite(self) -> bool:
        return self.refus is not None


def relances(suivis: Iterable[SuiviPfmp]) -> list[Relance]:
    """Une relance par référent, dans l'ordre des noms, celle de personne à la fin."""
    groupes: dict[int | None, list[SuiviPfmp]] = defaultdict(list)
    for suivi in suivis:
        if suivi.manques:
            groupes[suivi.pfmp.referent_id].append(suivi)
    toutes = [Relance(groupe[0].pfmp.referent, tuple(groupe)) for groupe in groupes.values()]
    return sorted(toutes, key=lambda une: (une.referent is None, une.referent and une.referent.last_name))
