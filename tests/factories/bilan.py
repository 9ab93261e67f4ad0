"""Bilans intermédiaires."""

import datetime

from django.utils import timezone

from livret.bilan import preparation
from livret.models import (
    Bilan,
    Classe,
    Eleve,
    Utilisateur,
)


def bilan(eleve: Eleve, auteur: Utilisateur, etat: str = "brouillon", **champs: object) -> Bilan:
    """Bilan du semestre 6 de l'élève, au 30 mars, amené à cet état par les gestes du métier."""
    classe = Classe.objects.filter(scolarites__eleve=eleve).first()
    jour = datetime.date(classe.promotion.session, 3, 30)
    textes = {} if etat == "brouillon" else {"appreciation": "Un semestre régulier."}
    if etat in ("entretien", "valide"):
        textes |= {
            "entretien_le": jour + datetime.timedelta(days=2),
            "entretien_avec": auteur,
            "enseignant_present": True,
            "eleve_present": True,
        }
    cree = Bilan.objects.create(
        **{
            "eleve": eleve,
            "classe": classe,
            "semestre": 6,
            "date": jour,
            "auteur": auteur,
            **textes,
            **champs,
        }
    )
    for suivant in ("prepare", "entretien", "valide"):
        if cree.etat != etat:
            preparation.passer(cree, suivant, auteur, timezone.now())
    return cree
