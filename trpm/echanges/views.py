"""Ce qui sort : d'un établissement, vers qui l'emporte ; d'une personne, vers un programme."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from livret.administration.pages import A, etablissement_administre
from livret.models import Jeton, Utilisateur
from livret.personnes.requete import Requete
from trpm.acces import discret, public, requires
from trpm.base.envois import aboutie
from trpm.echanges.calendrier import flux, rendez_vous_de
from trpm.echanges.etablissement import EtablissementSorti
from trpm.echanges.forms import AbonnementForm, JetonForm
from trpm.echanges.page import page_echanges
from trpm.permissions import Action

PROGRAMMES = {Jeton.Usage.LECTURE, Jeton.Usage.SAISIE}
INCONNU = "Cette adresse de calendrier n’existe pas, ou a été retirée."


@public
@discret
@require_safe
def calendrier(request: HttpRequest, secret: str) -> HttpResponse:
    """Le secret de l'adresse désigne la personne ; ses rôles d'aujourd'hui disent ce qu'elle y lit."""
    maintenant = timezone.now()
    jeton = Jeton.ouvrir(secret, {Jeton.Usage.CALENDRIER}, maintenant)
    if jeton is None:
        raise Http404(INCONNU)
    timezone.activate(jeton.utilisateur.fuseau)
    lignes = rendez_vous_de(jeton.utilisateur, timezone.localdate())
    racine = request.build_absolute_uri("/").rstrip("/")
    corps = flux(lignes, racine, request.get_host(), maintenant)
    return HttpResponse(corps, content_type="text/calendar; charset=utf-8")


@requires(Action.S_ABONNER)
@never_cache
def abonnements(request: Requete) -> HttpResponse:
    """L'adresse neuve ne se montre qu'une fois, dans la réponse à l'envoi."""
    form, adresse = AbonnementForm(request.POST if request.method == "POST" else None), ""
    if form.is_valid():
        neuf = Jeton.creer(request.user, Jeton.Usage.CALENDRIER, form.cleaned_data["nom"], timezone.now())
        adresse = request.build_absolute_uri(reverse("calendrier", args=[neuf.secret]))
        form = AbonnementForm()
    contexte = {
        "form": form,
        "adresse": adresse,
        "jetons": _etats(request.user, {Jeton.Usage.CALENDRIER}),
    }
    page = render(request, "echanges/abonnements.html", contexte, status=422 if form.errors else 200)
    return aboutie(page, request.path) if adresse else page


@requires(Action.TENIR_JETONS)
@never_cache
def jetons(request: Requete) -> HttpResponse:
    """De même, le secret d'un jeton ne se montre qu'une fois."""
    form, neuf = JetonForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        nom, usage = form.cleaned_data["nom"], Jeton.Usage(form.cleaned_data["usage"])
        neuf = Jeton.creer(request.user, usage, nom, timezone.now(), form.expire_le)
        form = JetonForm()
    contexte = {"form": form, "neuf": neuf, "jetons": _etats(request.user, PROGRAMMES)}
    page = render(request, "echanges/jetons.html", contexte, status=422 if form.errors else 200)
    return aboutie(page, request.path) if neuf else page


def _etats(user: Utilisateur, usages: set[Jeton.Usage]) -> list[tuple[Jeton, str]]:
    maintenant = timezone.now()
    siens = Jeton.objects.for_user(user).filter(usage__in=usages)
    return [(un, un.fermeture(maintenant)) for un in siens]


@requires(Action.S_ABONNER)
@require_POST
def jeton_retrait(request: Requete, pk: int) -> HttpResponse:
    jeton = get_object_or_404(Jeton.objects.for_user(request.user), pk=pk)
    jeton.retirer(timezone.now())
    messages.success(request, f"«\xa0{jeton.nom}\xa0» est retiré\xa0: il n’ouvre plus rien.")
    return redirect("jetons" if jeton.usage in PROGRAMMES else "abonnements")


@requires(A)
def etablissement(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    contexte = {
        "etablissement": lieu,
        "onglet": "echanges",
        "titre": "Échanges",
        "echanges": page_echanges(lieu, timezone.localdate()),
    }
    return render(request, "echanges/etablissement.html", contexte)


@requires(A)
@require_safe
def etablissement_zip(request: Requete, pk: int) -> StreamingHttpResponse:
    """Tout l'établissement, envoyé à mesure qu'il est lu."""
    lieu = etablissement_administre(request, pk)
    corps = EtablissementSorti(lieu, request.user).morceaux()
    reponse = StreamingHttpResponse(corps, content_type="application/zip")
    nom = f"{lieu.uai}-{timezone.localdate():%Y-%m-%d}.zip"
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    reponse["Content-Encoding"] = "identity"  # déjà comprimé
    return reponse
