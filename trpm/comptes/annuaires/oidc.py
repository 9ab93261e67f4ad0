"""L'entrée par un fournisseur OpenID Connect : code d'autorisation, PKCE, jeton signé, par Authlib."""

from functools import lru_cache
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from joserfc.errors import JoseError

from trpm.acces import public
from trpm.comptes.annuaires.rapprochement import Venu, arriver, muet, partir
from trpm.garde.reseau import adresse_du_site

REFUSES = (requests.RequestException, AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError)
"""Le fournisseur se tait, refuse, ou rend un jeton qui n'est pas pour nous."""


@public
@never_cache
def entree_oidc(request: HttpRequest) -> HttpResponse:
    """L'aller ; qui est déjà entré redit qui il est."""
    de_nouveau = {"prompt": "login"} if partir(request) else {}
    retour = adresse_du_site(request) + reverse("connexion-oidc-retour")
    try:
        return _fournisseur().authorize_redirect(request, retour, **de_nouveau)
    except REFUSES:
        return muet(request, settings.OIDC_NOM)


@public
@never_cache
def retour_oidc(request: HttpRequest) -> HttpResponse:
    fournisseur = _fournisseur()
    try:
        jeton = fournisseur.authorize_access_token(request)
        dits = jeton["userinfo"]
        if settings.OIDC_ATTRIBUT not in dits:
            dits = dits | fournisseur.userinfo(token=jeton)
        sortie = _sortie(request, fournisseur, jeton.get("id_token", ""))
    except REFUSES:
        return muet(request, settings.OIDC_NOM)
    valeur = dits.get(settings.OIDC_ATTRIBUT)
    # Une adresse que le fournisseur dit n'avoir pas vérifiée ne désigne personne.
    sure = isinstance(valeur, str) and not (
        settings.OIDC_CHAMP == "courriel" and dits.get("email_verified") is False
    )
    return arriver(request, Venu(settings.OIDC_NOM, settings.OIDC_CHAMP, valeur if sure else "", sortie))


def _sortie(request: HttpRequest, fournisseur: Any, jeton: str) -> str:
    """Où se ferme la session du fournisseur ; vide s'il n'en annonce pas l'adresse."""
    if not fournisseur.load_server_metadata().get("end_session_endpoint"):
        return ""
    ici = adresse_du_site(request) + reverse("connexion")
    return fournisseur.create_logout_url(post_logout_redirect_uri=ici, id_token_hint=jeton)["url"]


def _fournisseur() -> Any:
    return _enregistre(settings.OIDC_EMETTEUR, settings.OIDC_CLIENT, settings.OIDC_SECRET)


@lru_cache(maxsize=4)
def _enregistre(emetteur: str, client: str, secret: str) -> Any:
    return OAuth().register(
        "oidc",
        client_id=client,
        client_secret=secret,
        server_metadata_url=f"{emetteur.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": settings.OIDC_PORTEES,
            "code_challenge_method": "S256",
            "default_timeout": 10,
        },
    )


urlpatterns = [
    path("connexion/oidc/", entree_oidc, name="connexion-oidc"),
    path("connexion/oidc/retour/", retour_oidc, name="connexion-oidc-retour"),
]
