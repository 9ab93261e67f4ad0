"""Ce que partagent les pages de la séance."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from certification.commission.models import Commission, CommissionQuerySet
from livret.models import Utilisateur
from trpm.permissions import Action


def commissions_a_preparer(user: Utilisateur) -> CommissionQuerySet:
    return Commission.objects.for_user(user, Action.PREPARER_COMMISSION)


def commission_ouverte(user: Utilisateur, pk: int) -> Commission:
    """Celle que la personne peut préparer ; `Http404` si elle est close."""
    commission = get_object_or_404(
        commissions_a_preparer(user).select_related("epreuve__referentiel", "reunion"), pk=pk
    )
    if commission.close:
        raise Http404
    return commission
