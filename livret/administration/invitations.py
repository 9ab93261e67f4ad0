"""Inviter : le lien d'un compte neuf, par courriel ; qui a déjà un compte, et ce que sa réponse change."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import transaction
from django.template.loader import render_to_string

from livret.administration.comptes import changer_roles
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.invitation import Invitation
from trpm.comptes.bienvenue import lien_de_bienvenue
from trpm.courriel import envoyer

journal = logging.getLogger(__name__)


def inviter(compte: Utilisateur, site: str) -> str:
    """Écrit à la personne son lien ; rend la phrase qui dit pourquoi rien n'est parti, ou vide."""
    contexte = {"compte": compte, "lien": lien_de_bienvenue(compte, site)}
    objet = render_to_string("comptes/invitation_objet.txt", contexte)
    return envoyer(objet, render_to_string("comptes/invitation_courriel.txt", contexte), compte.email)


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
