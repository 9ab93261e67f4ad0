from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from certification.document.origine import origine
from certification.document.tirage import sceau_de
from certification.dossier.models import Dossier
from certification.dossier.resultats import DossierLu, dossier_lu
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.documents import pdf, telechargement
from trpm.permissions import Action
from trpm.reseau import adresse_du_site

STYLES = ["css/niveaux.css", "css/documents.css", "css/origine-imprimee.css"]


@requires(Action.VOIR_COMMISSION)
def detail(request: Requete, pk: int) -> HttpResponse:
    lu = _lu(request, pk, Action.VOIR_COMMISSION)
    return render(request, "certification/document/origine.html", _contexte(lu))


@requires(Action.IMPRIMER_DOSSIER)
def imprimee(request: Requete, pk: int) -> HttpResponse:
    """Annexe de la grille : la même matière, sur papier."""
    lu = _lu(request, pk, Action.IMPRIMER_DOSSIER)
    contexte = _contexte(lu) | {"sceau": sceau_de(lu, adresse_du_site(request))}
    contenu = pdf("documents/origine.html", contexte, styles=STYLES)
    return telechargement(contenu, f"Origine de la note {lu.grille.epreuve.code} {lu.grille.candidat}.pdf")


def _lu(request: Requete, pk: int, action: Action) -> DossierLu:
    return dossier_lu(get_object_or_404(Dossier.objects.for_user(request.user, action), pk=pk))


def _contexte(lu: DossierLu) -> dict[str, object]:
    return {
        "lu": lu,
        "dossier": lu.dossier,
        "grille": lu.grille,
        "version": lu.version,
        "origine": origine(lu),
    }
