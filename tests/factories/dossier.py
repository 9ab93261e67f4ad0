"""Dossiers et décisions."""

from certification.models import Commission, Decision, Dossier
from livret.models import Eleve, Utilisateur
from tests.factories.referentiel import niveau


def dossier(commission: Commission, eleve: Eleve, **champs: object) -> Dossier:
    return Dossier.objects.create(commission=commission, eleve=eleve, **champs)


def decision(dossier: Dossier, competence: str, auteur: Utilisateur, valeur: int | None = None) -> Decision:
    """Niveau arrêté, par code ; sans `valeur`, la compétence est dite non démontrée."""
    diplome = dossier.commission.grille.referentiel
    return Decision.objects.create(
        dossier=dossier,
        competence=diplome.competences.get(code=competence),
        niveau=None if valeur is None else niveau(diplome, valeur),
        non_demontree=valeur is None,
        motif="" if valeur is not None else "Jamais évaluée.",
        auteur=auteur,
    )
