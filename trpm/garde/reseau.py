"""Adresses : celle du client, y compris derrière des mandataires déclarés, et celle du site."""

from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def adresse_client(request: HttpRequest) -> str:
    """Ne croit, dans X-Forwarded-For, que ce qu’ont écrit les mandataires déclarés, si c’est une adresse."""
    relais = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",") if a.strip()]
    if 0 < settings.MANDATAIRES_INVERSES <= len(relais):
        annoncee = relais[-settings.MANDATAIRES_INVERSES]
        with suppress(ValueError):
            return str(ip_address(annoncee))
    return request.META.get("REMOTE_ADDR", "")


def adresse_du_site(request: HttpRequest | None = None) -> str:
    """Réglée, sinon celle de la requête, sinon le premier nom admis ; vide si rien ne la dit."""
    if settings.ADRESSE_DU_SITE:
        return settings.ADRESSE_DU_SITE
    if request is not None:
        return request.build_absolute_uri("/").rstrip("/")
    noms = [nom for nom in settings.ALLOWED_HOSTS if not nom.startswith((".", "*", "localhost", "127.", "["))]
    return f"https://{noms[0]}" if noms and not settings.DEBUG else ""
