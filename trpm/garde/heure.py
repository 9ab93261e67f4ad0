"""L'heure d'une page est celle de l'établissement de qui la lit."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone


class HeureLocaleMiddleware:
    """Chaque demande part de l'heure des réglages ; une vue publique prend celle de ce qu'elle montre."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, vue: Any, args: Any, kwargs: Any) -> None:
        if getattr(vue, "login_required", True) and request.user.is_authenticated:
            timezone.activate(request.user.fuseau)


def a_l_heure_de(lieu: Any) -> None:
    """Le reste de la demande est à l'heure de cet établissement, celui de ce que l'on montre ou imprime : qui
    en a plusieurs n'y lit pas l'heure d'un autre."""
    timezone.activate(lieu.fuseau)
