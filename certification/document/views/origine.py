from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from certification.document.origine import origine
from certification.dossier.models import Dossier
from certification.dossier.resultats import dossier_lu
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.VOIR_COMMISSION)
def detail(request: Requete, pk: int) -> HttpResponse:
    dossiers = Dossier.objects.for_user(request.user, Action.VOIR_COMMISSION)
    lu = dossier_lu(get_object_or_404(dossiers, pk=pk))
    contexte = {
        "lu": lu,
        "dossier": lu.dossier,
        "grille": lu.grille,
        "version": lu.version,
        "origine": origine(lu),
    }
    return render(request, "certification/document/origine.html", contexte)
