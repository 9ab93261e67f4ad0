"""Le contrôle d'accès des vues : fermé par défaut, une action par vue."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from trpm.base.envois import une_fois
from trpm.journal.ecriture import noter
from trpm.permissions import DROITS, Action

Vue = Callable[..., HttpResponseBase]
REPRISE = "reprise"
NEUVE = "livret:ouverture-installation"
"""Sans aucun compte, se connecter ne mène à rien : la première page est celle de l'ouverture."""
SESSION_FINIE = (
    "Votre session a pris fin\xa0: ce que vous veniez d’envoyer n’est pas enregistré. Reconnectez-vous, vous "
    "reviendrez à la même page avec ce que vous aviez écrit."
)


class SessionFinieMiddleware(LoginRequiredMiddleware):
    """Sans session, un envoi mène à la connexion, puis à la page d'où il partait, jamais à son adresse."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.suite = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Au retour, une adresse qui n'attend que des envois cède la place à la page dont elle dépend."""
        reponse = self.suite(request)
        if reponse.status_code == 405 and REPRISE in request.GET and request.method == "GET":
            return redirect(f"{_page_au_dessus(request.path)}?{REPRISE}=1")
        return reponse

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        """Une page publique s'ouvre sans lire la session, donc même quand la base ne répond pas."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if not get_user_model()._default_manager.exists():
            return redirect(NEUVE)
        if request.method in ("GET", "HEAD") or "HX-Request" in request.headers:
            return super().handle_no_permission(request, view_func)
        messages.warning(request, SESSION_FINIE)
        return redirect_to_login(_page_d_origine(request), self.get_login_url(view_func))


def _page_d_origine(request: HttpRequest) -> str:
    """Celle qui portait le formulaire, si le navigateur le dit ; sinon l'adresse de l'envoi."""
    venue = urlsplit(request.META.get("HTTP_REFERER", ""))
    if not venue.path or not url_has_allowed_host_and_scheme(venue.geturl(), {request.get_host()}):
        return f"{request.path}?{REPRISE}=1"
    parametres = f"{venue.query}&" if venue.query else ""
    return f"{venue.path}?{parametres}{REPRISE}=1"


def _page_au_dessus(chemin: str) -> str:
    while chemin != "/":
        chemin = chemin.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(chemin)
        except Resolver404:
            continue
        return chemin
    return chemin


def requires(*actions: Action) -> Callable[[Vue], Vue]:
    """Réserve une vue aux personnes dont un rôle accorde l'une des actions nommées.

    Sans session, l'intergiciel de Django renvoie à la page de connexion ; sans rôle, la
    réponse est 403. Le périmètre (404 hors de son établissement) vient de `for_user`. Un même envoi
    reçu deux fois n'est fait qu'une. Ce qui montre une personne, ou change quoi que ce soit, est noté au
    journal.
    """

    def decorator(view: Vue) -> Vue:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(peut(request.user, action) for action in actions):
                raise PermissionDenied("Votre rôle ne permet pas d’ouvrir cette page.")
            return une_fois(request, lambda: noter(request, view(request, *args, **kwargs)))

        wrapper.actions = frozenset(actions)  # type: ignore[attr-defined]
        return wrapper

    return decorator


def connecte(view: Vue) -> Vue:
    """Marque une vue ouverte à toute personne connectée, quel que soit son rôle."""
    view.actions = frozenset()  # type: ignore[attr-defined]
    return view


def public(view: Vue) -> Vue:
    """Marque une vue ouverte à tous, sans connexion."""
    view.public = True  # type: ignore[attr-defined]
    return login_not_required(view)


def discret(view: Vue) -> Vue:
    """L'adresse est un secret : ni gardée par un cache, ni indexée, ni annoncée comme provenance, ni
    écrite au journal quand la réponse est un refus."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> HttpResponseBase:
        reponse = view(*args, **kwargs)
        reponse["Cache-Control"] = "private, no-store"
        reponse["Referrer-Policy"] = "no-referrer"
        reponse["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        reponse._has_been_logged = True  # type: ignore[attr-defined]  # le journal écrirait l'adresse
        return reponse

    return wrapper


def peut(user: Any, action: Action) -> bool:
    """Vrai si un rôle de la personne, dans un établissement quelconque, accorde l'action."""
    return bool(DROITS[action] & set(user.roles))
