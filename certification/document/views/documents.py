from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from certification.commission.convoques import convoques
from certification.commission.models import Commission, Reunion
from certification.document import classeurs, tirage
from certification.document.genres import DOCUMENTS
from certification.document.releves import bordereau, convocations_pdf, proces_verbal
from certification.dossier.models import Dossier, TraceCitee
from certification.dossier.resultats import DossierLu, dossier_lu, dossiers_lus
from livret.models import Trace
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.garde.heure import a_l_heure_de
from trpm.garde.reseau import adresse_du_site
from trpm.impression.documents import TYPE_XLSX, telechargement
from trpm.permissions import Action

RELEVES = {
    "proces-verbal": (proces_verbal, "Procès-verbal"),
    "bordereau": (bordereau, "Bordereau de notes"),
}


@requires(Action.IMPRIMER_DOSSIER)
def tire(request: Requete, pk: int, genre: str) -> HttpResponse:
    """Un document d'un dossier ; `?archive=1` : sa variante PDF/A-3, s'il est figé."""
    lu, site = _dossier(request, pk), adresse_du_site(request)
    nom = DOCUMENTS[genre].nom(lu.grille.candidat, lu.grille.epreuve.code)
    if "archive" not in request.GET:
        return telechargement(tirage.pdf([lu], genre, site=site), f"{nom}.pdf")
    if not lu.fige:
        raise Http404
    return telechargement(tirage.archive(lu, genre, site=site), f"{nom}, archive.pdf")


@requires(Action.IMPRIMER_DOSSIER)
def grille_xlsx(request: Requete, pk: int) -> HttpResponse:
    lu = _dossier(request, pk)
    return telechargement(
        classeurs.grille(lu), f"{lu.grille.candidat} {lu.grille.epreuve.code} grille.xlsx", TYPE_XLSX
    )


@requires(Action.VOIR_COMMISSION)
def preuve(request: Requete, pk: int, trace: int) -> HttpResponse:
    """Le fichier d'une preuve que cite la grille, ou une version figée ; les autres traces du livret ne
    s'ouvrent pas d'ici."""
    dossiers = Dossier.objects.for_user(request.user, Action.VOIR_COMMISSION)
    dossier = get_object_or_404(dossiers, pk=pk)
    figee = TraceCitee.objects.filter(version__dossier=dossier, trace=trace).exists()
    if not figee and trace not in {citee.trace for citee in dossier_lu(dossier).grille.preuves}:
        raise Http404
    objet = get_object_or_404(Trace.objects.exclude(fichier=""), pk=trace)
    with objet.fichier.open() as fichier:
        return telechargement(fichier.read(), objet.nom, objet.type_mime, affichable=objet.est_image)


@requires(Action.IMPRIMER_DOSSIER)
def releve(request: Requete, pk: int, document: str) -> HttpResponse:
    """Le procès-verbal ou le bordereau de toute la commission."""
    commission = _commission(request, pk)
    lus = dossiers_lus(commission.dossiers.vivants())
    if not lus:
        raise Http404
    produire, nom = RELEVES[document]
    return telechargement(produire(lus, site=adresse_du_site(request)), f"{nom} {commission}.pdf")


@requires(Action.IMPRIMER_DOSSIER)
def releve_de_reunion(request: Requete, pk: int, document: str) -> HttpResponse:
    """Le même, pour toutes les épreuves d'une réunion ; rien à qui ne les voit pas toutes."""
    reunions = Reunion.objects.entieres_pour(request.user, Action.IMPRIMER_DOSSIER)
    reunion = get_object_or_404(reunions.select_related("etablissement"), pk=pk)
    a_l_heure_de(reunion.etablissement)
    lus = dossiers_lus(Dossier.objects.vivants().filter(commission__reunion=reunion))
    if not lus:
        raise Http404
    produire, nom = RELEVES[document]
    contenu = produire(lus, reunion=reunion, site=adresse_du_site(request))
    return telechargement(contenu, f"{nom} {reunion}.pdf")


@requires(Action.PREPARER_COMMISSION)
def convocations(request: Requete, pk: int) -> HttpResponse:
    commissions = Commission.objects.for_user(request.user, Action.PREPARER_COMMISSION)
    commission = get_object_or_404(commissions, pk=pk)
    return _convocations(str(commission), commissions.filter(pk=pk))


@requires(Action.PREPARER_COMMISSION)
def convocations_de_reunion(request: Requete, pk: int) -> HttpResponse:
    """Une par personne, pour toutes les épreuves de la réunion où elle siège."""
    reunion = get_object_or_404(Reunion.objects.for_user(request.user, Action.PREPARER_COMMISSION), pk=pk)
    siennes = reunion.commissions.for_user(request.user, Action.PREPARER_COMMISSION)
    return _convocations(str(reunion), siennes)


def _convocations(reunion: str, commissions: QuerySet[Commission]) -> HttpResponse:
    lues = list(
        commissions.select_related("etablissement", "epreuve__referentiel").prefetch_related("membres")
    )
    if not convoques(lues):
        raise Http404
    return telechargement(convocations_pdf(reunion, lues), f"Convocations {reunion}.pdf")


@requires(Action.IMPRIMER_DOSSIER)
def classeur(request: Requete, pk: int) -> HttpResponse:
    commission = _commission(request, pk)
    lus = dossiers_lus(commission.dossiers.vivants())
    if not lus:
        raise Http404
    return telechargement(classeurs.commission(lus), f"Grilles {commission}.xlsx", TYPE_XLSX)


def _dossier(request: Requete, pk: int) -> DossierLu:
    dossiers = Dossier.objects.for_user(request.user, Action.IMPRIMER_DOSSIER)
    lu = dossier_lu(get_object_or_404(dossiers, pk=pk))
    a_l_heure_de(lu.dossier.commission.etablissement)
    return lu


def _commission(request: Requete, pk: int) -> Commission:
    commissions = Commission.objects.for_user(request.user, Action.IMPRIMER_DOSSIER)
    commission = get_object_or_404(commissions.select_related("etablissement"), pk=pk)
    a_l_heure_de(commission.etablissement)
    return commission
