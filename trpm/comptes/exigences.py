"""Ce qu'un compte doit faire avant d'aller plus loin : changer un mot de passe provisoire, donner un second
facteur, redire qui l'on est avant un acte destructeur. Aucune requête de plus par page."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, suspend_request
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from trpm.comptes.connexion import MOT_DE_PASSE, SECOND, venu_par
from trpm.permissions import ACTES_DESTRUCTEURS

SANS_PREUVE = "Cet acte redemande votre mot de passe, et votre compte n’en a pas."
LIBRES = {"mot-de-passe", "mot-de-passe-change", "compteurs"}


class ExigencesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, vue: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if not getattr(vue, "login_required", True) or not request.user.is_authenticated:
            return None
        nom = request.resolver_match.view_name if request.resolver_match else ""
        if nom in LIBRES:
            return None
        return _entree(request, nom) or _acte(request, nom)


def _entree(request: HttpRequest, nom: str) -> HttpResponse | None:
    compte: Any = request.user
    if compte.provisoire and venu_par(request) <= {MOT_DE_PASSE, SECOND}:
        return _ailleurs(request, "mot-de-passe")
    if not compte.second_facteur_exige or SECOND in venu_par(request):
        return None
    if nom == "account_reauthenticate" or nom.startswith("mfa_"):
        return None
    if is_mfa_enabled(compte):
        return _ailleurs(request, "mfa_reauthenticate")
    return _ailleurs(request, "mfa_index")


def _ailleurs(request: HttpRequest, nom: str) -> HttpResponse:
    """La page qui le demande, et qui dit pourquoi ; un fragment de page y mène le navigateur."""
    adresse = reverse(nom)
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": adresse})
    return (
        redirect_to_login(request.get_full_path(), adresse) if request.method == "GET" else redirect(adresse)
    )


def _acte(request: HttpRequest, nom: str) -> HttpResponse | None:
    """L'envoi attend dans la session, et se fait dès que la personne a redit qui elle est."""
    redemander = settings.REDEMANDER_LE_MOT_DE_PASSE and nom in ACTES_DESTRUCTEURS
    if not redemander or request.method != "POST" or did_recently_reauthenticate(request):
        return None
    facons = get_adapter().get_reauthentication_methods(request.user)
    if not facons:
        raise PermissionDenied(SANS_PREUVE)
    return suspend_request(request, facons[0]["url"])
