"""Ce que la commission a décidé, mis en place dans la grille ; ou à confirmer, si elle avait autre chose
sous les yeux (Q48)."""

from __future__ import annotations

from dataclasses import replace

from certification.dossier.grille.citations import RegleCitee
from certification.dossier.grille.epreuve import GrilleEpreuve, LigneGrille, enumeration
from certification.dossier.grille.vu import AConfirmer, niveau_change, note_change
from certification.dossier.models import Decision, Dossier
from certification.notation import note_affichee


def decidee(ligne: LigneGrille, decision: Decision, regle: RegleCitee, echelle: int) -> LigneGrille:
    """La ligne, avec ce qui y est arrêté. `echelle` : la clé de celle de la grille."""
    if changements := _changements(ligne, decision, regle, echelle):
        suspendue = AConfirmer(
            f"niveau {decision.niveau.code}" if decision.niveau else "non démontrée",
            decision.motif,
            changements,
            _refus_niveau(ligne, decision, echelle),
            decision.auteur.nom_complet,
            decision.modifie_le,
        )
        return replace(ligne, a_confirmer=suspendue)
    return replace(
        ligne,
        niveau_arrete=decision.niveau.valeur if decision.niveau else None,
        non_demontree=decision.non_demontree,
        motif=decision.motif,
        arrete_par=decision.auteur.nom_complet,
        arrete_le=decision.modifie_le,
    )


def _changements(ligne: LigneGrille, decision: Decision, regle: RegleCitee, echelle: int) -> tuple[str, ...]:
    niveau = decision.niveau
    if niveau and niveau.echelle_id != echelle:
        return (f"« {niveau.code} » est un niveau d’une autre échelle",)
    return niveau_change(
        decision.vu,
        ligne.vu(regle),
        evident=niveau is not None and niveau.valeur == ligne.propose and not decision.motif,
        ecartees={preuve.situation_id for preuve in ligne.autres},
    )


def _refus_niveau(ligne: LigneGrille, decision: Decision, echelle: int) -> str:
    niveau = decision.niveau
    if niveau and niveau.echelle_id != echelle:
        return "Arrêtez un niveau de l’échelle de la grille."
    if niveau and niveau.valeur != ligne.propose and not decision.motif:
        return f"Le niveau {niveau.code} n’est pas le niveau proposé : arrêtez-le avec un motif, ou un autre."
    return ""


def proposee(grille: GrilleEpreuve, dossier: Dossier) -> GrilleEpreuve:
    """La grille, avec la note proposée ; il n'y en a que pour un candidat à évaluer."""
    note, motif = dossier.note_proposee, dossier.motif_ecart
    if note is None or not grille.a_evaluer:
        return grille
    evident = not motif and not grille.a_arreter and note == grille.calculee
    if changements := note_change(dossier.vu_note, grille.vu_note(), evident=evident):
        refus = _refus_note(grille, dossier)
        return replace(grille, note_a_confirmer=AConfirmer(note_affichee(note), motif, changements, refus))
    return replace(grille, note_proposee=note, motif_ecart=motif)


def _refus_note(grille: GrilleEpreuve, dossier: Dossier) -> str:
    note = dossier.note_proposee
    if grille.a_arreter:
        return f"Arrêtez ou confirmez d’abord {enumeration(grille.a_arreter)}."
    if note is not None and not grille.regle.arrondi.admet(note):
        return f"Ce n’est pas un {grille.regle.arrondi.graduation} : proposez une autre note."
    if note != grille.calculee and not dossier.motif_ecart:
        return "Ce n’est pas la note calculée : proposez-la avec un motif, ou une autre."
    return ""


def observee(grille: GrilleEpreuve, dossier: Dossier) -> GrilleEpreuve:
    """La grille, avec les observations de la commission."""
    texte = dossier.observations
    if not texte:
        return grille
    if changements := note_change(dossier.vu_observations, grille.vu_observations(), evident=False):
        return replace(grille, observations_a_confirmer=AConfirmer(texte, "", changements))
    return replace(grille, observations=texte)
