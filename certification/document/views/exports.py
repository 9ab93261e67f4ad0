"""La table des notes à recopier dans CYCLADES."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from certification.commission.models import Commission
from certification.document import tables
from certification.dossier.resultats import DossierLu, dossiers_lus
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.documents import (
    TYPE_CSV,
    TYPE_XLSX,
    table_csv,
    telechargement,
)
from trpm.permissions import Action


@requires(Action.IMPRIMER_DOSSIER)
def notes_csv(request: Requete, pk: int) -> HttpResponse:
    commission, lus = _lus(request, pk)
    return telechargement(table_csv(tables.notes(lus)), f"Notes {commission}.csv", TYPE_CSV)


@requires(Action.IMPRIMER_DOSSIER)
def notes_xlsx(request: Requete, pk: int) -> HttpResponse:
    commission, lus = _lus(request, pk)
    return telechargement(tables.notes_xlsx(lus), f"Notes {commission}.xlsx", TYPE_XLSX)


def _lus(request: Requete, pk: int) -> tuple[Commission, list[DossierLu]]:
    commissions = Commission.objects.for_user(request.user, Action.IMPRIMER_DOSSIER)
    commission = get_object_or_404(commissions, pk=pk)
    return commission, dossiers_lus(commission.dossiers.vivants())
