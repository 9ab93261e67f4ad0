"""Remarques et phrases."""

from livret.models import (
    Eleve,
    Phrase,
    Remarque,
    Situation,
    Utilisateur,
)
from referentiel.models import Detaillee


def remarque(situation: Situation, eleve: Eleve, code: str, texte: str = "À revoir.") -> Remarque:
    """Remarque sur une case, par code de compétence ou de compétence détaillée."""
    diplome = situation.classe.promotion.referentiel
    if "." in code:
        candidates = Detaillee.objects.filter(competence__referentiel=diplome, code=code)
        cible = {"detaillee": next(item for item in candidates if item.concerne(eleve.option_id))}
    else:
        cible = {"competence": diplome.competences.get(code=code)}
    return Remarque.objects.create(
        situation=situation, eleve=eleve, texte=texte, auteur=situation.auteur, **cible
    )


def phrase(auteur: Utilisateur, texte: str = "Travail soigné.") -> Phrase:
    return Phrase.objects.create(auteur=auteur, texte=texte, rang=auteur.phrases.count())
