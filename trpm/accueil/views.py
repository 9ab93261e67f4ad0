"""L'accueil, au-dessus de toutes les applications : ce qui attend chacun, et ce qui est nouveau."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from livret.models import Utilisateur
from livret.personnes.requete import Requete
from trpm.acces import connecte, discret, public
from trpm.accueil.avis import personne_du_jeton
from trpm.accueil.liste import accueil_de
from trpm.accueil.page import contenu
from trpm.accueil.trouver import LONGUEUR, MONTRES, SUGGERES, trouver
from trpm.permissions import Role


@connecte
def accueil(request: Requete) -> HttpResponse:
    """Qui n'est qu'inspecteur ou responsable légal va droit à sa page : rien d'autre ne l'attend."""
    ouvert = accueil_de(request.user, timezone.now())
    if request.user.roles == {Role.INSPECTEUR} and not ouvert.invitations:
        return redirect("certification:inspection")
    if request.user.roles == {Role.RESPONSABLE} and not ouvert.invitations:
        return redirect("livret:famille")
    contexte = {"accueil": ouvert, "contenu": contenu(request.user, ouvert)}
    return render(request, "accueil/accueil.html", contexte)


@connecte
def compteurs(request: Requete) -> HttpResponse:
    """Les deux nombres de l'en-tête, que chaque page demande après coup ; gardés une minute."""
    reponse = render(
        request, "accueil/_compteurs.html", {"accueil": accueil_de(request.user, timezone.now())}
    )
    reponse["Cache-Control"] = "private, max-age=60"
    return reponse


@connecte
def nouveautes(request: Requete) -> HttpResponse:
    """Ce qui est arrivé depuis la dernière visite, que cette visite-ci remplace."""
    maintenant = timezone.now()
    avant = request.user.vu_le
    contexte = {"accueil": accueil_de(request.user, maintenant), "avant": avant}
    Utilisateur.objects.filter(pk=request.user.pk).update(vu_le=maintenant)
    return render(request, "accueil/nouveautes.html", contexte)


@connecte
def chercher(request: Requete) -> HttpResponse:
    """La page des résultats ; ou, demandée par le champ de l'en-tête, la liste qui se déplie sous lui."""
    texte, deplie = request.GET.get("q", "").strip()[:LONGUEUR], "X-Requested-With" in request.headers
    trouves = trouver(request.user, texte, timezone.localdate(), SUGGERES if deplie else MONTRES)
    champ = "page" if request.GET.get("champ") == "trouver-page" else "entete"
    gabarit = "accueil/_trouvailles.html" if deplie else "accueil/chercher.html"
    return render(request, gabarit, {"trouves": trouves, "champ": champ})


@connecte
def avis(request: Requete) -> HttpResponse:
    """Recevoir ou non l'avis hebdomadaire."""
    if request.method == "POST":
        recoit = "recevoir" in request.POST
        Utilisateur.objects.filter(pk=request.user.pk).update(avis=recoit)
        dit = "Vous recevrez l’avis hebdomadaire." if recoit else "Vous ne recevrez plus l’avis hebdomadaire."
        messages.success(request, dit)
        return redirect("avis")
    return render(request, "accueil/avis.html")


@public
@discret
@csrf_exempt
def avis_arreter(request: HttpRequest, jeton: str) -> HttpResponse:
    """Le lien d'un courriel. L'ouvrir n'écrit rien, un antivirus le fait : la page envoie d'elle-même, et le
    bouton d'une messagerie envoie sans l'ouvrir. La signature tient lieu de session."""
    personne = personne_du_jeton(jeton)
    if personne and request.method == "POST":
        Utilisateur.objects.filter(pk=personne.pk).update(avis="reprendre" in request.POST)
        personne.refresh_from_db()
    contexte = {"personne": personne, "envoye": request.method == "POST"}
    return render(request, "accueil/avis_arreter.html", contexte, status=200 if personne else 404)
