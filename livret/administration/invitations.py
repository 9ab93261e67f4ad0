"""Inviter qui a déjà un compte, et ce que sa réponse change. Rien n'est donné sans elle."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import transaction

from livret.administration.comptes import changer_roles
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.invitation import Invitation

journal = logging.getLogger(__name__)


def rattacher(compte: Utilisateur, lieu: Etablissement, roles: Iterable[str], par: Utilisateur) -> bool:
    """Vrai si c'est fait : la personne est déjà de l'établissement. Sinon elle est invitée."""
    tenus = set(compte.appartenances.filter(etablissement=lieu).values_list("role", flat=True))
    if tenus or compte == par:
        changer_roles(compte, lieu, {*tenus, *roles})
        return True
    Invitation.objects.update_or_create(
        etablissement=lieu, utilisateur=compte, defaults={"roles": sorted(roles), "par": par}
    )
    return False


@transaction.atomic
def repondre(invitation: Invitation, accepte: bool) -> None:
    """Donne les rôles proposés, ou rien ; l'invitation a servi."""
    if accepte:
        lieu, compte = invitation.etablissement, invitation.utilisateur
        tenus = compte.appartenances.filter(etablissement=lieu).values_list("role", flat=True)
        changer_roles(compte, lieu, {*tenus, *invitation.roles})
    journal.info(
        "invitation du compte %s dans l’établissement %s %s",
        invitation.utilisateur_id,
        invitation.etablissement_id,
        "acceptée" if accepte else "refusée",
    )
    invitation.delete()
