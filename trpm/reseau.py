"""Adresse du client, y compris derrière des mandataires inverses déclarés."""

from django.conf import settings
from django.http import HttpRequest


def adresse_client(request: HttpRequest) -> str:
    """Ne croit, dans X-Forwarded-For, que ce qu’ont écrit les mandataires déclarés."""
    relais = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",") if a.strip()]
    if 0 < settings.MANDATAIRES_INVERSES <= len(relais):
        return relais[-settings.MANDATAIRES_INVERSES]
    return request.META.get("REMOTE_ADDR", "")
