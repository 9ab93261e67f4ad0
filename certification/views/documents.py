from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from certification import classeurs, tirage
from certification.models import Commission, Dossier
from certification.resultats import DossierLu, dossier_lu, dossiers_lus
from livret.views.requete import Requete
from trpm.acces import requires
from trpm.documents import TYPE_XLSX, telechargement
from trpm.permissions import Action


@requires(Action.IMPRIMER_DOSSIER)
def grille_pdf(request: Requete, pk: int) -> HttpResponse:
    lu = _dossier(request, pk)
    return telechargement(tirage.pdf([lu], "grilles"), f"Grille {_nom(lu)}.pdf")


@requires(Action.IMPRIMER_DOSSIER)
def dossier_pdf(request: Requete, pk: int) -> HttpResponse:
    lu = _dossier(request, pk)
    return telechargement(tirage.pdf([lu], "dossiers"), f"Dossier {_nom(lu)}.pdf")


@requires(Action.IMPRIMER_DOSSIER)
def grille_xlsx(request: Requete, pk: int) -> HttpResponse:
    lu = _dossier(request, pk)
    return telechargement(classeurs.grille(lu), f"Grille {_nom(lu)}.xlsx", TYPE_XLSX)


@requires(Action.IMPRIMER_DOSSIER)
def lot(request: Requete, pk: int) -> HttpResponse:
    genre = request.GET.get("genre", "grilles")
    commission = _commission(request, pk)
    lus = dossiers_lus(commission.dossiers.all())
    if genre not in tirage.GENRES or not lus:
        raise Http404
    return telechargement(tirage.pdf(lus, genre), f"{genre.title()} {commission}.pdf")


@requires(Action.IMPRIMER_DOSSIER)
def classeur(request: Requete, pk: int) -> HttpResponse:
    commission = _commission(request, pk)
    lus = dossiers_lus(commission.dossiers.all())
    if not lus:
        raise Http404
    return telechargement(classeurs.commission(lus), f"Grilles {commission}.xlsx", TYPE_XLSX)


def _dossier(request: Requete, pk: int) -> DossierLu:
    dossiers = Dossier.objects.for_user(request.user, Action.IMPRIMER_DOSSIER)
    return dossier_lu(get_object_or_404(dossiers, pk=pk))


def _commission(request: Requete, pk: int) -> Commission:
    return get_object_or_404(Commission.objects.for_user(request.user, Action.IMPRIMER_DOSSIER), pk=pk)


def _nom(lu: DossierLu) -> str:
    return f"{lu.grille.epreuve.code} {lu.grille.candidat}"
