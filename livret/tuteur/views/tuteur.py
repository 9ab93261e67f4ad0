"""Ce que voit un tuteur, qui n'a pas de compte : sa fiche au bout de son lien, ou le code à taper.

Ces vues sont publiques parce que le lien est tout le droit : un secret de 256 bits, pour un élève et
une période, qui expire et se retire. Elles ne lisent ni session ni compte, ne montrent rien d'autre
que cette fiche, et n'écrivent rien quand on ne fait que les ouvrir.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from livret.tuteur.courriel import prevenir_le_referent
from livret.tuteur.forms import FicheForm
from livret.tuteur.lecture import lecture, papier
from livret.tuteur.models.fiche import FicheTuteur
from livret.tuteur.models.lien import EssaiDeCode, LienTuteur
from livret.tuteur.reception import recevoir
from trpm.acces import discret, public
from trpm.garde.reseau import adresse_client

CODE_INCONNU = (
    "Ce code n’ouvre aucune fiche. Vérifiez-le avec l’enseignant : un code ne sert que vingt-quatre heures."
)
TROP_D_ESSAIS = (
    "Trop de codes ont été essayés : attendez un quart d’heure, ou demandez à l’enseignant d’envoyer le "
    "lien par courriel."
)


@public
@csrf_exempt  # aucun droit ne vient d'un témoin : qui peut écrire ici connaît déjà le secret de l'adresse
@discret
def tuteur_fiche(request: HttpRequest, pk: int, jeton: str) -> HttpResponse:
    lien = LienTuteur.trouver(pk, jeton)
    if lien is None:
        return render(request, "livret/tuteur/ferme.html", status=404)
    timezone.activate(lien.fiche.pfmp.eleve.etablissement.fuseau)
    if motif := lien.fermeture(timezone.now()):
        return render(request, "livret/tuteur/ferme.html", {"motif": motif, "lien": lien}, status=410)
    fiche = lien.fiche
    if request.method != "POST":
        return _page(request, lien, fiche, FicheForm(fiche=fiche))
    a_remplir = fiche.remplissable
    recu = recevoir(request, fiche, FicheForm)
    if a_remplir and recu.fiche.etat == FicheTuteur.Etat.ENVOYEE:
        prevenir_le_referent(request, recu.fiche)
    if request.headers.get("Accept") == "application/json":
        return recu.json
    if recu.statut == 200:
        return redirect(request.path)
    return _page(request, lien, recu.fiche, recu.form, faute=recu.faute, status=recu.statut)


def _page(
    request: HttpRequest,
    lien: LienTuteur,
    fiche: FicheTuteur,
    form: FicheForm,
    faute: str = "",
    status: int = 200,
) -> HttpResponse:
    """À remplir ; une fois signée, ce qui a été dit se relit tant que le lien vit."""
    contexte = {"fiche": fiche, "form": form, "faute": faute, "dates": fiche.dates()}
    contexte["enseignant"] = lien.fiche.pfmp.referent or lien.cree_par
    if fiche.remplissable:
        return render(request, "livret/tuteur/fiche.html", contexte, status=status)
    return render(request, "livret/tuteur/merci.html", lecture(fiche) | contexte, status=status)


@public
@discret
def tuteur_fiche_pdf(request: HttpRequest, pk: int, jeton: str) -> HttpResponse:
    """La fiche signée, à imprimer ou à garder."""
    lien = LienTuteur.trouver(pk, jeton)
    if lien is None or lien.fermeture(timezone.now()) or lien.fiche.remplissable:
        return render(request, "livret/tuteur/ferme.html", status=404)
    timezone.activate(lien.fiche.pfmp.eleve.etablissement.fuseau)
    return papier(request, lien.fiche)


@public
@never_cache
def tuteur_code(request: HttpRequest) -> HttpResponse:
    """Taper le code lu à voix haute. Chaque essai est compté avant d'être jugé."""
    if request.method != "POST":
        return render(request, "livret/tuteur/code.html")
    le = timezone.now()
    essai = EssaiDeCode.admettre(adresse_client(request), le)
    if essai is None:
        return render(request, "livret/tuteur/code.html", {"faute": TROP_D_ESSAIS}, status=429)
    acces = LienTuteur.par_code(request.POST.get("code", ""), le)
    if acces is None:
        contexte = {"faute": CODE_INCONNU, "code": request.POST.get("code", "")[:30]}
        return render(request, "livret/tuteur/code.html", contexte, status=422)
    essai.delete()
    return redirect(acces.chemin)
