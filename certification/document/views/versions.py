"""Une version figée reste lisible et imprimable, même rouverte."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from certification.document import tirage
from certification.dossier.models import Dossier, VersionFigee
from certification.dossier.relecture import comparaisons, version_lue
from certification.dossier.resultats import DossierLu
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.garde.heure import a_l_heure_de
from trpm.garde.reseau import adresse_du_site
from trpm.impression.documents import telechargement
from trpm.permissions import Action


@requires(Action.VOIR_COMMISSION)
def detail(request: Requete, pk: int, numero: int) -> HttpResponse:
    lu = _version(request, Action.VOIR_COMMISSION, pk, numero)
    contexte = {
        "lu": lu,
        "dossier": lu.dossier,
        "grille": lu.grille,
        "version": lu.version,
        "comparaisons": comparaisons(lu),
    }
    return render(request, "certification/document/version.html", contexte)


@requires(Action.IMPRIMER_DOSSIER)
def tiree(request: Requete, pk: int, numero: int, genre: str) -> HttpResponse:
    lu = _version(request, Action.IMPRIMER_DOSSIER, pk, numero)
    contenu = tirage.pdf([lu], genre, site=adresse_du_site(request))
    return telechargement(contenu, tirage.nom_de_version(lu, genre))


def _version(request: Requete, action: Action, pk: int, numero: int) -> DossierLu:
    visibles = VersionFigee.objects.filter(dossier__in=Dossier.objects.for_user(request.user, action))
    liees = visibles.select_related(
        "dossier__commission__etablissement", "dossier__eleve", "figee_par", "rouverte_par", "verification"
    )
    version = get_object_or_404(liees, dossier=pk, numero=numero)
    a_l_heure_de(version.dossier.commission.etablissement)
    return version_lue(version)
