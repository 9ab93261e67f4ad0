from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from livret.classe.forms import CorrespondanceForm
from livret.classe.lsl import LSL, degres_par_defaut, lsl_xlsx, table_lsl
from livret.personnes.classes import eleves_presents
from livret.personnes.models.classe import Classe
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


@requires(Action.VOIR_CLASSE)
def lsl(request: Requete, pk: int) -> HttpResponse:
    """La table à l'écran, avec la correspondance que l'on peut changer ; en fichier si on le demande."""
    classe = get_object_or_404(Classe.objects.for_user(request.user, Action.VOIR_CLASSE), pk=pk)
    tenus = livrets(eleves_presents(classe), visibles_seulement=True)
    defaut = degres_par_defaut(tenus)
    form = CorrespondanceForm(tenus[0].echelle if tenus else None, defaut, request.GET or None)
    degres = form.degres() if form.is_valid() else defaut
    lignes = table_lsl(tenus, degres)
    nom = f"Aide à la saisie LSL Pro {classe.nom}"
    if form.is_valid() and "csv" in request.GET:
        return telechargement(table_csv(lignes), f"{nom}.csv", TYPE_CSV)
    if form.is_valid() and "xlsx" in request.GET:
        return telechargement(lsl_xlsx(lignes), f"{nom}.xlsx", TYPE_XLSX)
    contexte = {"classe": classe, "form": form, "lignes": lignes[1:], "titres": LSL}
    fautif = form.is_bound and not form.is_valid()
    return render(request, "livret/classe/lsl.html", contexte, status=422 if fautif else 200)
