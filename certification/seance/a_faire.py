"""Ce que ses commissions attendent d'une personne, et quand elles se tiennent."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q

from certification.commission.models import Commission, CommissionQuerySet, perimetre
from certification.dossier.models import Dossier
from certification.dossier.resultats import dossiers_lus
from certification.dossier.versions import VersionFigee
from certification.seance.gardes import Gardes
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


@dataclass
class RestesDeCommission:
    """Les dossiers d'une commission qui ne sont ni figés ni clos : sans note, prêts à figer, à confirmer."""

    candidats: int = 0
    a_noter: int = 0
    faits: int = 0
    a_confirmer: int = 0


def decisions(user: Utilisateur, jour: datetime.date) -> list[AFaire]:
    """Par commission ouverte : décisions à confirmer, notes à proposer, dossiers à figer.

    Deux requêtes tant que rien n'a changé dans ces commissions ; sinon un nombre constant de plus, et les
    grilles des seuls dossiers où quelque chose a bougé après une décision, pour dire ce que la page de la
    commission dira.
    """
    if not user.etablissements(Action.POSITIONNER):
        return []
    siennes = _ouvertes(*perimetre(user, Action.POSITIONNER))
    restes = RESTES.par_commission(une.pk for une in siennes)
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


def restes_de(commissions: Sequence[int]) -> dict[int, RestesDeCommission]:
    """Un candidat ponctuel n'attend rien de la commission (Q50)."""
    siennes = Commission.objects.filter(pk__in=commissions)
    restes = {pk: RestesDeCommission() for pk in commissions}
    modes = _modes(siennes)
    for pk, nombre in _a_confirmer(siennes).items():
        restes[pk].a_confirmer = nombre
    comptes = (
        Dossier.objects.vivants()
        .filter(commission__in=siennes)
        .order_by()
        .annotate(
            est_fige=Exists(VersionFigee.objects.en_vigueur().filter(dossier=OuterRef("pk"))),
            sans_note=Q(note_proposee__isnull=True),
        )
        .values_list(
            *("commission_id", "epreuve_id", "eleve__statut__voie_id", "mode", "situation"),
            *("est_fige", "sans_note"),
        )
        .annotate(Count("pk"))
    )
    for commission, epreuve, voie, mode, situation, fige, sans_note, nombre in comptes:
        reste = restes[commission]
        reste.candidats += nombre
        if fige:
            continue
        if situation != Dossier.Situation.A_EVALUER:
            reste.faits += nombre
        elif _attendu(modes[epreuve], voie, mode):
            reste.a_noter += nombre * sans_note
            reste.faits += nombre * (not sans_note)
    return restes


def _modes(siennes: CommissionQuerySet) -> dict[int, dict[int, bool]]:
    """Par épreuve, si chaque voie y passe en contrôle en cours de formation."""
    modes: dict[int, dict[int, bool]] = defaultdict(dict)
    epreuves = Epreuve.objects.filter(commissions__in=siennes).distinct()
    for epreuve in epreuves.select_related("bloc").prefetch_related("modalites", "bloc__modalites"):
        du_bloc = epreuve.bloc.modalites.all() if epreuve.bloc else ()
        for modalite in (*du_bloc, *epreuve.modalites.all()):
            modes[epreuve.pk][modalite.voie_id] = modalite.ccf
    return modes


def _attendu(modes: dict[int, bool], voie: int | None, mode: str) -> bool:
    """La commission positionne ce candidat, ou doit d'abord dire son mode."""
    if not modes or voie is None:
        return mode != Dossier.Mode.PONCTUEL
    return modes.get(voie, False)


def _a_confirmer(siennes: CommissionQuerySet) -> Counter[int]:
    """Combien de dossiers de chaque commission portent quelque chose à confirmer."""
    a_relire = touches(siennes)
    if not a_relire:
        return Counter()
    lus = dossiers_lus(a_relire, abreges=True)
    return Counter(lu.dossier.commission_id for lu in lus if lu.grille.a_confirmer)


RESTES = Gardes(restes_de, COMMISSIONS_GARDEES, lambda _: 1, COMMISSIONS_GARDEES)


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
