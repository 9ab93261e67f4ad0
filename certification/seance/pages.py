"""Ce que partagent les pages de la séance."""

from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404

from certification.commission.models import Commission, CommissionQuerySet, perimetre
from livret.models import Utilisateur
from trpm.base.preparees import Preparee
from trpm.permissions import Action


def commission_vue(user: Utilisateur, pk: int) -> Commission:
    """Celle que la personne peut voir, avec ce qu'en montre sa page ; sinon `Http404`. Deux requêtes."""
    vues = _vue(*perimetre(user, Action.VOIR_COMMISSION), pk)
    if not vues:
        raise Http404
    prefetch_related_objects(vues, "membres")
    return vues[0]


@Preparee
def _vue(
    entiers: tuple[int, ...], siennes: tuple[int, ...], personne: int | None, pk: int
) -> CommissionQuerySet:
    celle_ci = Commission.objects.dans(entiers, siennes, personne).filter(pk=pk)
    return celle_ci.select_related("etablissement", "epreuve__referentiel", "grille", "close_par")


def peut_figer(user: Utilisateur, pk: int) -> bool:
    return bool(_sienne(*perimetre(user, Action.FIGER), pk))


@Preparee
def _sienne(
    entiers: tuple[int, ...], siennes: tuple[int, ...], personne: int | None, pk: int
) -> QuerySet[Commission, int]:
    celle_ci = Commission.objects.dans(entiers, siennes, personne).filter(pk=pk)
    return celle_ci.order_by().values_list("pk", flat=True)


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
