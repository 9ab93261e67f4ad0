"""Tables à recopier : notes pour CYCLADES, degrés de maîtrise pour LSL Pro."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from certification.commission.models import Commission
from certification.document import tables
from certification.document.forms_tables import CorrespondanceForm
from certification.dossier.resultats import DossierLu, dossiers_lus
from livret.models import Classe, Eleve
from livret.personnes.requete import Requete
from livret.synthese.livrets import livrets
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


@requires(Action.VOIR_CLASSE)
def lsl(request: Requete, pk: int) -> HttpResponse:
    """La table à l'écran, avec la correspondance que l'on peut changer ; en fichier si on le demande."""
    classe = get_object_or_404(Classe.objects.for_user(request.user, Action.VOIR_CLASSE), pk=pk)
    tenus = livrets(_eleves(classe), visibles_seulement=True)
    defaut = tables.degres_par_defaut(tenus)
    form = CorrespondanceForm(tenus[0].echelle if tenus else None, defaut, request.GET or None)
    degres = form.degres() if form.is_valid() else defaut
    lignes = tables.lsl(tenus, degres)
    nom = f"Aide à la saisie LSL Pro {classe.nom}"
    if form.is_valid() and "csv" in request.GET:
        return telechargement(table_csv(lignes), f"{nom}.csv", TYPE_CSV)
    if form.is_valid() and "xlsx" in request.GET:
        return telechargement(tables.lsl_xlsx(lignes), f"{nom}.xlsx", TYPE_XLSX)
    contexte = {"classe": classe, "form": form, "lignes": lignes[1:], "titres": tables.LSL}
    fautif = form.is_bound and not form.is_valid()
    return render(request, "certification/document/lsl.html", contexte, status=422 if fautif else 200)


def _eleves(classe: Classe) -> list[Eleve]:
    presents = Eleve.objects.presents(classe)
    return list(presents.select_related("promotion", "option"))
