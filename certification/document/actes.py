"""Les actes derrière un dossier, dans l'ordre : ce que la commission a décidé, qui la composait, ce qui a
été figé, rouvert et pourquoi."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from certification.commission.models import Commission, Membre
from certification.dossier.models import Decision, Dossier
from certification.notation import note_affichee
from referentiel.reglement.commission import ReglesCommission

ARRETE = ("niveau_id", "non_demontree", "motif")
PROPOSE = ("note_proposee", "motif_ecart")
PRESENCES = {True: "présence notée", False: "absence notée", None: "présence effacée"}


@dataclass(frozen=True)
class Acte:
    quand: datetime.datetime
    qui: str
    quoi: str


def actes(dossier: Dossier) -> tuple[Acte, ...]:
    """Quatre requêtes, quel que soit le nombre d'actes ; deux de plus par changement de commission."""
    tous = [*_des_membres(dossier), *_du_dossier(dossier), *_des_decisions(dossier), *_des_versions(dossier)]
    return tuple(sorted(tous, key=lambda acte: acte.quand))


def _des_decisions(dossier: Dossier) -> Iterable[Acte]:
    connues: dict[tuple[int, int | None], Any] = {}
    traces = Decision.history.filter(dossier=dossier.pk).select_related(
        "history_user", "competence", "critere", "niveau"
    )
    for decision in traces.order_by("history_date", "history_id"):
        visee = decision.competence_id, decision.critere_id
        avant = connues.get(visee)
        yield Acte(decision.history_date, _qui(decision), _decision(avant, decision))
        connues[visee] = decision


def _du_dossier(dossier: Dossier) -> Iterable[Acte]:
    avant = None
    for etat in dossier.history.select_related("history_user").order_by("history_date", "history_id"):
        for quoi in _changements(avant, etat):
            yield Acte(etat.history_date, _qui(etat), quoi)
        avant = etat


def _des_membres(dossier: Dossier) -> Iterable[Acte]:
    """Inscrits, retirés, présents, absents : toute la commission, telle qu'elle a changé."""
    connus: dict[int, Any] = {}
    traces = Membre.history.filter(commission=dossier.commission_id).select_related("history_user")
    for membre in traces.order_by("history_date", "history_id"):
        for quoi in _membre(connus.get(membre.id), membre, dossier.commission.regles):
            yield Acte(membre.history_date, _qui(membre), f"{membre.nom} : {quoi}")
        connus[membre.id] = membre


def _des_versions(dossier: Dossier) -> Iterable[Acte]:
    for version in dossier.versions.defer("contenu").select_related("figee_par", "rouverte_par"):
        figee = f"Dossier figé, version {version.numero}, empreinte {version.empreinte[:16]}"
        yield Acte(version.figee_le, version.figee_par.nom_complet, figee)
        if version.rouverte_le and version.rouverte_par:
            rouverte = f"Version {version.numero} rouverte, motif : {version.motif_reouverture}"
            yield Acte(version.rouverte_le, version.rouverte_par.nom_complet, rouverte)


def _qui(trace: Any) -> str:
    return trace.history_user.nom_complet if trace.history_user else "inconnu"


def _decision(avant: Any, apres: Any) -> str:
    """Redire le même niveau pour le même motif, au vu d'autre chose, c'est le confirmer."""
    code = (apres.critere or apres.competence).code
    if apres.history_type == "-":
        return f"{code} : décision retirée"
    confirmee = avant is not None and avant.history_type != "-" and _memes(avant, apres, *ARRETE)
    if apres.non_demontree:
        niveau = "non démontrée, confirmée" if confirmee else "non démontrée"
    else:
        niveau = f"niveau {apres.niveau.code} {'confirmé' if confirmee else 'arrêté'}"
    return f"{code} : {niveau}" + (f", motif : {apres.motif}" if apres.motif else "")


def _memes(avant: Any, apres: Any, *champs: str) -> bool:
    return all(getattr(avant, champ) == getattr(apres, champ) for champ in champs)


def _membre(avant: Any, apres: Any, regles: ReglesCommission) -> Iterable[str]:
    if apres.history_type == "-":
        yield "retiré de la commission"
        return
    if avant is None or avant.qualite != apres.qualite:
        yield f"membre de la commission, {regles.qualite(apres.qualite)}"
    if apres.present is not (avant.present if avant else None):
        yield PRESENCES[apres.present]


def _commission(trace: Any) -> str:
    """Son intitulé, même effacée depuis."""
    connue = Commission.history.filter(id=trace.commission_id).first()
    return connue.intitule if connue else "une autre commission"


def _changements(avant: Any, apres: Any) -> Iterable[str]:
    if avant is None:
        yield "Candidat inscrit devant la commission"
    elif avant.situation != apres.situation:
        yield f"Situation devant l’épreuve : {apres.get_situation_display()}"
    if avant and avant.commission_id != apres.commission_id:
        yield f"Candidat déplacé de « {_commission(avant)} » à « {_commission(apres)} »"
    if avant and not avant.clos_le and apres.clos_le:
        yield f"Dossier clos : {apres.motif_cloture}"
    yield from _note(avant, apres)
    yield from _observations(avant, apres)


def _note(avant: Any, apres: Any) -> Iterable[str]:
    if apres.note_proposee is None:
        if avant and avant.note_proposee is not None:
            yield "Note proposée retirée"
    elif avant is None or not _memes(avant, apres, *PROPOSE, "vu_note"):
        quoi = "Note proposée, confirmée" if avant and _memes(avant, apres, *PROPOSE) else "Note proposée"
        motif = f", motif de l’écart : {apres.motif_ecart}" if apres.motif_ecart else ""
        yield f"{quoi} : {note_affichee(apres.note_proposee)}{motif}"


def _observations(avant: Any, apres: Any) -> Iterable[str]:
    ancien = avant.observations if avant else ""
    if apres.observations != ancien:
        yield f"Observations : {apres.observations}" if apres.observations else "Observations effacées"
    elif ancien and avant.vu_observations != apres.vu_observations:
        yield f"Observations confirmées : {ancien}"
