"""Le contrôle d'accès des vues : fermé par défaut, une action par vue."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from trpm.permissions import DROITS, Action

Vue = Callable[..., HttpResponseBase]


def requires(*actions: Action) -> Callable[[Vue], Vue]:
    """Réserve une vue aux personnes dont un rôle accorde l'une des actions nommées.

    Sans session, l'intergiciel de Django renvoie à la page de connexion ; sans rôle, la
    réponse est 403. Le périmètre (404 hors de son établissement) vient de `for_user`.
    """

    def decorator(view: Vue) -> Vue:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(peut(request.user, action) for action in actions):
                raise PermissionDenied("Votre rôle ne permet pas d’ouvrir cette page.")
            return view(request, *args, **kwargs)

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
