"""Jusqu'à quel jour une personne lit ce qui concerne un élève (Q53)."""

import datetime

from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite
from trpm.permissions import Action


def borne_de_lecture(user: Utilisateur, candidat: Eleve, *, entier: bool) -> datetime.date | None:
    """Le dernier jour où un ancien enseignant l'a suivi ; `None` pour l'élève et pour qui le lit en entier,
    l'équipe d'aujourd'hui ou une commission. Une requête pour l'ancien enseignant, aucune sinon."""
    if entier or candidat.utilisateur_id == user.pk:
        return None
    return Scolarite.objects.de_l_equipe(user, Action.VOIR_CLASSE).filter(eleve=candidat).jusqu_au()
