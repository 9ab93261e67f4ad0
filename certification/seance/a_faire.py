"""Ce que ses commissions attendent d'une personne, et quand elles se tiennent."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from certification.commission.models import Commission, CommissionQuerySet, perimetre
from certification.dossier.models import Dossier
from certification.dossier.resultats import dossiers_de
from certification.dossier.versions import VersionFigee
from certification.seance.gardes import GardesParCommission
from certification.seance.touches import touches
from livret.models import Utilisateur
from referentiel.models import Epreuve
from trpm.a_faire import AFaire, Echeance, Urgence
from trpm.base.preparees import Preparee
from trpm.dates import date_dite
from trpm.permissions import Action
from trpm.textes import pluriel

CONFIRMER, DECIDER, FIGER = "Décisions à confirmer", "Décisions à prendre", "Dossiers à figer"
CANDIDATS = "Commissions sans candidat"
PRESIDENT = {FIGER, CANDIDATS}
BIENTOT = datetime.timedelta(days=21)
COMMISSIONS_GARDEES = 1000
DOSSIERS_GARDES = 20_000
DOSSIERS_A_LA_FOIS = 2000


@dataclass(frozen=True, slots=True)
class ResteDeDossier:
    """Ce qu'un dossier attend de sa commission, s'il n'est ni figé ni clos : une note, d'être figé, d'être
    confirmé."""

    commission: int
    a_noter: bool
    fait: bool
    a_confirmer: bool


@dataclass(frozen=True)
class RestesDeCommission:
    """Combien de dossiers, et combien sont sans note, prêts à figer, à confirmer."""

    candidats: int
    a_noter: int
    faits: int
    a_confirmer: int


def decisions(user: Utilisateur, jour: datetime.date) -> list[AFaire]:
    """Par commission ouverte : décisions à confirmer, notes à proposer, dossiers à figer.

    Deux requêtes tant que rien n'a changé dans ces commissions ; sinon un nombre constant de plus, pour les
    seuls dossiers où quelque chose a changé, et les grilles de ceux où c'est après une décision, pour dire
    ce que la page de la commission dira.
    """
    if not user.etablissements(Action.POSITIONNER):
        return []
    siennes = _ouvertes(*perimetre(user, Action.POSITIONNER))
    restes = RESTES.par_commission([une.pk for une in siennes])
    preside = user.etablissements(Action.FIGER)
    lignes = []
    for commission in siennes:
        siens = _lignes(commission, restes[commission.pk], commission.date <= jour + BIENTOT)
        lignes += [
            une for une in siens if une.genre not in PRESIDENT or commission.etablissement_id in preside
        ]
    return lignes


@Preparee
def _ouvertes(entiers: tuple[int, ...], siennes: tuple[int, ...], personne: int | None) -> CommissionQuerySet:
    return Commission.objects.dans(entiers, siennes, personne).ouvertes().order_by("date", "pk")


def _lignes(commission: Commission, reste: RestesDeCommission, bientot: bool) -> list[AFaire]:
    urgence = Urgence.BIENTOT if bientot else Urgence.A_SUIVRE
    pas = [
        (reste.a_confirmer, CONFIRMER, "dossier{s} à confirmer", "Confirmer", Urgence.EN_RETARD),
        (reste.a_noter, DECIDER, "dossier{s} sans note proposée", "Décider", urgence),
        (reste.faits - reste.a_confirmer, FIGER, "dossier{s} à figer", "Figer", Urgence.A_FAIRE),
        (int(not reste.candidats), CANDIDATS, "", "Inscrire", urgence),
    ]
    return [
        AFaire(
            genre,
            texte=f"{nombre} {texte.format(s=pluriel(nombre))}" if texte else "Aucun candidat inscrit",
            acte=acte,
            adresse=commission.get_absolute_url(),
            precision=f"{commission.intitule} · {date_dite(commission.date)}",
            urgence=presse,
            nombre=nombre,
            le=commission.date,
        )
        for nombre, genre, texte, acte, presse in pas
        if nombre > 0
    ]


def restes_de(dossiers: Sequence[int]) -> dict[int, ResteDeDossier]:
    """Ceux de ces dossiers qui sont vivants. Un candidat ponctuel n'attend rien de la commission (Q50)."""
    cles = tuple(dossiers)
    lus = _devant(cles)
    modes = _modes({epreuve for _, _, epreuve, *_ in lus})
    a_confirmer = _a_confirmer(cles)
    restes = {}
    for pk, commission, epreuve, voie, mode, situation, fige, sans_note in lus:
        a_evaluer = situation == Dossier.Situation.A_EVALUER
        attendu = not fige and (not a_evaluer or _attendu(modes[epreuve], voie, mode))
        a_noter = attendu and a_evaluer and sans_note
        restes[pk] = ResteDeDossier(commission, a_noter, attendu and not a_noter, pk in a_confirmer)
    return restes


@Preparee
def _devant(dossiers: tuple[int, ...]) -> QuerySet[Dossier, tuple[Any, ...]]:
    return (
        Dossier.objects.vivants()
        .filter(pk__in=dossiers)
        .order_by()
        .annotate(
            est_fige=Exists(VersionFigee.objects.en_vigueur().filter(dossier=OuterRef("pk"))),
            sans_note=Q(note_proposee__isnull=True),
        )
        .values_list(
            *("pk", "commission_id", "epreuve_id", "eleve__statut__voie_id", "mode", "situation"),
            *("est_fige", "sans_note"),
        )
    )


def _modes(epreuves: Collection[int]) -> dict[int, dict[int, bool]]:
    """Par épreuve, si chaque voie y passe en contrôle en cours de formation : ce qu'elle en dit l'emporte
    sur ce qu'en dit son bloc."""
    modes: dict[int, dict[int, bool]] = {epreuve: {} for epreuve in epreuves}
    for modalites in (_du_bloc, _de_l_epreuve):
        for epreuve, voie, ccf in modalites(tuple(epreuves)):
            modes[epreuve][voie] = ccf
    return modes


@Preparee
def _du_bloc(epreuves: tuple[int, ...]) -> QuerySet[Epreuve, tuple[int, int, bool]]:
    siennes = Epreuve.objects.filter(pk__in=epreuves, bloc__modalites__isnull=False).order_by()
    return siennes.values_list("pk", "bloc__modalites__voie_id", "bloc__modalites__ccf")


@Preparee
def _de_l_epreuve(epreuves: tuple[int, ...]) -> QuerySet[Epreuve, tuple[int, int, bool]]:
    siennes = Epreuve.objects.filter(pk__in=epreuves, modalites__isnull=False).order_by()
    return siennes.values_list("pk", "modalites__voie_id", "modalites__ccf")


def _attendu(modes: dict[int, bool], voie: int | None, mode: str) -> bool:
    """La commission positionne ce candidat, ou doit d'abord dire son mode."""
    if not modes or voie is None:
        return mode != Dossier.Mode.PONCTUEL
    return modes.get(voie, False)


def _a_confirmer(dossiers: tuple[int, ...]) -> set[int]:
    """Ceux de ces dossiers qui portent quelque chose à confirmer."""
    if not (a_relire := touches(dossiers)):
        return set()
    return {lu.dossier.pk for lu in dossiers_de(a_relire, abreges=True) if lu.grille.a_confirmer}


def _ensemble(restes: list[ResteDeDossier]) -> RestesDeCommission:
    return RestesDeCommission(
        candidats=len(restes),
        a_noter=sum(un.a_noter for un in restes),
        faits=sum(un.fait for un in restes),
        a_confirmer=sum(un.a_confirmer for un in restes),
    )


RESTES = GardesParCommission(restes_de, DOSSIERS_A_LA_FOIS, DOSSIERS_GARDES, _ensemble, COMMISSIONS_GARDEES)


def seances_prochaines(user: Utilisateur, jour: datetime.date) -> list[Echeance]:
    """Les commissions à venir. Une requête."""
    if not user.etablissements(Action.VOIR_COMMISSION):
        return []
    return [
        Echeance(une.date, une.intitule, une.get_absolute_url(), _ou_et_quand(une))
        for une in _prochaines(*perimetre(user, Action.VOIR_COMMISSION), jour)
    ]


@Preparee
def _prochaines(
    entiers: tuple[int, ...], siennes: tuple[int, ...], personne: int | None, jour: datetime.date
) -> CommissionQuerySet:
    prochaines = Commission.objects.dans(entiers, siennes, personne).ouvertes().filter(date__gte=jour)
    return prochaines.order_by("date", F("heure").asc(nulls_last=True), "pk")[:8]


def _ou_et_quand(commission: Commission) -> str:
    heure = commission.heure.strftime("%-H\xa0h\xa0%M") if commission.heure else ""
    return ", ".join(filter(None, (heure, commission.lieu)))
