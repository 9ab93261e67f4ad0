"""Ce que ses commissions attendent d'une personne, et quand elles se tiennent."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q

from certification.commission.models import Commission, CommissionQuerySet
from certification.dossier.models import Dossier
from certification.dossier.resultats import dossiers_lus
from certification.dossier.versions import VersionFigee
from certification.seance.touches import touches
from livret.models import Utilisateur
from referentiel.models import Epreuve
from trpm.a_faire import AFaire, Echeance, Urgence
from trpm.dates import date_dite
from trpm.permissions import Action
from trpm.textes import pluriel

CONFIRMER, DECIDER, FIGER = "Décisions à confirmer", "Décisions à prendre", "Dossiers à figer"
CANDIDATS = "Commissions sans candidat"
PRESIDENT = {FIGER, CANDIDATS}
BIENTOT = datetime.timedelta(days=21)


@dataclass
class RestesDeCommission:
    """Les dossiers d'une commission qui ne sont ni figés ni clos : sans note, et prêts à figer."""

    candidats: int = 0
    a_noter: int = 0
    faits: int = 0


def decisions(user: Utilisateur, jour: datetime.date) -> list[AFaire]:
    """Par commission ouverte : décisions à confirmer, notes à proposer, dossiers à figer.

    Un nombre constant de requêtes ; quand quelque chose a changé après une décision, les grilles de ces
    seuls dossiers se lisent de plus, pour dire ce que la page de la commission dira.
    """
    if not user.etablissements(Action.POSITIONNER):
        return []
    siennes = Commission.objects.for_user(user, Action.POSITIONNER).ouvertes()
    a_confirmer = _a_confirmer(siennes)
    restes = _restes(siennes)
    preside = user.etablissements(Action.FIGER)
    lignes = []
    for commission in siennes.order_by("date", "pk"):
        bientot = commission.date <= jour + BIENTOT
        siens = _lignes(commission, restes[commission.pk], a_confirmer[commission.pk], bientot)
        lignes += [
            une for une in siens if une.genre not in PRESIDENT or commission.etablissement_id in preside
        ]
    return lignes


def _lignes(commission: Commission, reste: RestesDeCommission, confirmer: int, bientot: bool) -> list[AFaire]:
    urgence = Urgence.BIENTOT if bientot else Urgence.A_SUIVRE
    pas = [
        (confirmer, CONFIRMER, "dossier{s} à confirmer", "Confirmer", Urgence.EN_RETARD),
        (reste.a_noter, DECIDER, "dossier{s} sans note proposée", "Décider", urgence),
        (reste.faits - confirmer, FIGER, "dossier{s} à figer", "Figer", Urgence.A_FAIRE),
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


def _restes(siennes: CommissionQuerySet) -> dict[int, RestesDeCommission]:
    """Un candidat ponctuel n'attend rien de la commission (Q50)."""
    restes: dict[int, RestesDeCommission] = defaultdict(RestesDeCommission)
    modes = _modes(siennes)
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
    return Counter(lu.dossier.commission_id for lu in dossiers_lus(a_relire) if lu.grille.a_confirmer)


def seances_prochaines(user: Utilisateur, jour: datetime.date) -> list[Echeance]:
    """Les commissions à venir. Une requête."""
    if not user.etablissements(Action.VOIR_COMMISSION):
        return []
    prochaines = Commission.objects.for_user(user, Action.VOIR_COMMISSION).ouvertes().filter(date__gte=jour)
    return [
        Echeance(une.date, une.intitule, une.get_absolute_url(), _ou_et_quand(une))
        for une in prochaines.order_by("date", F("heure").asc(nulls_last=True), "pk")[:8]
    ]


def _ou_et_quand(commission: Commission) -> str:
    heure = commission.heure.strftime("%-H\xa0h\xa0%M") if commission.heure else ""
    return ", ".join(filter(None, (heure, commission.lieu)))
