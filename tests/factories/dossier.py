"""Dossiers et décisions."""

from decimal import Decimal

from certification.dossier.resultats import dossier_lu
from certification.models import Commission, Decision, Dossier
from livret.models import Eleve, Utilisateur
from tests.factories.referentiel import niveau
from trpm.base.instantane import ecrire


def dossier(commission: Commission, eleve: Eleve, **champs: object) -> Dossier:
    return Dossier.objects.create(commission=commission, eleve=eleve, **champs)


def decision(dossier: Dossier, competence: str, auteur: Utilisateur, valeur: int | None = None) -> Decision:
    """Niveau arrêté, par code, au vu de ce qu’est la grille ; sans `valeur`, la compétence est dite non
    démontrée."""
    diplome, grille = dossier.commission.grille.referentiel, dossier_lu(dossier).grille
    return Decision.objects.create(
        dossier=dossier,
        competence=diplome.competences.get(code=competence),
        niveau=None if valeur is None else niveau(diplome, valeur),
        non_demontree=valeur is None,
        motif="" if valeur is not None else "Jamais évaluée.",
        auteur=auteur,
        vu=ecrire(grille.ligne(competence).vu(grille.regle)),
    )


def note(dossier: Dossier, valeur: object, motif: str = "") -> None:
    """Note proposée au vu de ce qu’est la grille."""
    dossier.proposer(Decimal(str(valeur)), motif, dossier_lu(dossier).grille.vu_note())


def observations(dossier: Dossier, texte: str) -> None:
    dossier.observer(texte, dossier_lu(dossier).grille.vu_observations())
