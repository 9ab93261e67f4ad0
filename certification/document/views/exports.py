"""Tables à recopier : notes pour CYCLADES, degrés de maîtrise pour LSL Pro."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from certification.document import lsl as aide
from certification.document import remise, tables
from certification.document.forms_tables import CorrespondanceForm
from certification.dossier.models import Dossier
from certification.dossier.resultats import dossiers_lus
from livret.models import Classe, Eleve, Etablissement
from livret.personnes.classes import eleves_presents
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.PREPARER_COMMISSION)
def cyclades(request: Requete, etablissement: int, session: int) -> HttpResponse:
    """Les notes de toutes les épreuves d'une session, à l'écran ; en fichier sur envoi, trace gardée."""
    dossiers = Dossier.objects.for_user(request.user, Action.PREPARER_COMMISSION)
    vivants = dossiers.vivants().filter(commission__etablissement=etablissement, commission__session=session)
    lus = dossiers_lus(vivants)
    if not lus:
        raise Http404
    lieu = Etablissement.objects.get(pk=etablissement)
    table, cible = tables.cyclades(lus), remise.de_session(lieu, session)
    if request.method == "POST":
        return remise.remettre(table, f"Notes CYCLADES {session}", request.POST, cible, request.user)
    contexte = {"lieu": lieu, "session": session, **remise.contexte(table, cible)}
    siennes = aide.classes(request.user).filter(etablissement=lieu, promotion__session=session)
    contexte["classes"] = siennes.select_related("annee")
    return render(request, "certification/document/cyclades.html", contexte)


@requires(Action.AIDER_LSL)
def lsl(request: Requete, pk: int) -> HttpResponse:
    """La table à l'écran, avec la correspondance que l'on peut changer ; en fichier sur envoi."""
    classes = aide.classes(request.user).select_related("annee", "etablissement", "promotion")
    classe = get_object_or_404(classes, pk=pk)
    concernes, autres = aide.concernes(_eleves(classe))
    tenus = aide.lus(concernes)
    echelles = list(dict.fromkeys(livret.echelle for livret in tenus))
    defaut = aide.degres_par_defaut(echelles)
    form = CorrespondanceForm(echelles, defaut, request.POST or request.GET or None)
    fautif = form.is_bound and not form.is_valid()
    table = aide.table(classe, tenus, form.degres() if form.is_valid() else defaut, timezone.localdate())
    cible = remise.de_classe(classe)
    if request.method == "POST" and not fautif:
        nom = f"Aide à la saisie LSL Pro {classe.nom} {classe.annee}"
        return remise.remettre(table, nom, request.POST, cible, request.user)
    soeurs = aide.classes(request.user).filter(promotion=classe.promotion_id).select_related("annee")
    contexte = {"classe": classe, "soeurs": soeurs, "form": form, "autres": autres}
    contexte |= remise.contexte(table, cible)
    return render(request, "certification/document/lsl.html", contexte, status=422 if fautif else 200)


def _eleves(classe: Classe) -> list[Eleve]:
    return eleves_presents(classe)
