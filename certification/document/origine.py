"""« D'où vient cette note ? » : chaque acte derrière une note, dans l'ordre où il a été fait."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from certification.commission.models import Commission
from certification.dossier.grille import GrilleEpreuve, LigneGrille
from certification.dossier.models import Decision, Dossier
from certification.dossier.resultats import DossierLu
from certification.notation import (
    Sensibilite,
    explication,
    note_affichee,
    pas_d_arrondi,
    sensibilites,
)


@dataclass(frozen=True)
class Acte:
    quand: datetime.datetime
    qui: str
    quoi: str


@dataclass(frozen=True)
class Apport:
    """Une compétence : ce qui établit son niveau, et ce que changerait le niveau voisin."""

    ligne: LigneGrille
    sensibilite: Sensibilite | None


@dataclass(frozen=True)
class OrigineDeNote:
    apports: tuple[Apport, ...]
    calcul: tuple[str, ...]
    arrondi: str
    actes: tuple[Acte, ...]


def origine(lu: DossierLu) -> OrigineDeNote:
    """Deux requêtes, pour l'historique ; tout le reste est dans la grille, figée ou non."""
    grille, note = lu.grille, lu.grille.note
    effets = {}
    if note is not None:
        valeurs = [degre.valeur for degre in grille.regle.echelle.degres]
        effets = {effet.competence: effet for effet in sensibilites(note, valeurs)}
    return OrigineDeNote(
        tuple(Apport(ligne, effets.get(ligne.code)) for ligne in grille.lignes),
        explication(note) if note else (),
        pas_d_arrondi(note.brute, grille.regle.arrondi) if note and note.brute is not None else "",
        tuple(sorted(_actes(lu.dossier, grille), key=lambda acte: acte.quand)),
    )


def _actes(dossier: Dossier, grille: GrilleEpreuve) -> Iterable[Acte]:
    for decision in Decision.history.filter(dossier=dossier.pk).select_related(
        "history_user", "competence", "niveau"
    ):
        yield Acte(decision.history_date, _qui(decision), _decision(decision))
    avant = None
    for etat in dossier.history.select_related("history_user").order_by("history_date", "history_id"):
        for quoi in _changements(avant, etat):
            yield Acte(etat.history_date, _qui(etat), quoi)
        avant = etat


def _qui(trace: Any) -> str:
    return trace.history_user.nom_complet if trace.history_user else "inconnu"


def _decision(decision: Any) -> str:
    code = decision.competence.code
    if decision.history_type == "-":
        return f"{code} : décision retirée"
    niveau = "non démontrée" if decision.non_demontree else f"niveau {decision.niveau.code} arrêté"
    return f"{code} : {niveau}" + (f", motif : {decision.motif}" if decision.motif else "")


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
    ancienne = avant.note_proposee if avant else None
    if apres.note_proposee is None and ancienne is not None:
        yield "Note proposée retirée"
    elif apres.note_proposee is not None and apres.note_proposee != ancienne:
        motif = f", motif de l’écart : {apres.motif_ecart}" if apres.motif_ecart else ""
        yield f"Note proposée : {note_affichee(apres.note_proposee)}{motif}"
