"""L'entrée par l'ENT : le protocole CAS 3.0, par python-cas."""

from typing import Any
from xml.etree.ElementTree import ParseError

import requests
from allauth.usersessions.models import UserSession
from cas import CASClientV3
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from trpm.acces import public
from trpm.comptes.annuaires.rapprochement import REDIRE, Venu, arriver, muet, partir
from trpm.garde.reseau import adresse_du_site

ATTENTE = 10
REFUSES = (requests.RequestException, ParseError, AttributeError, IndexError, ValueError)
"""Le serveur se tait, ou répond autre chose que du CAS."""


class ClientCas(CASClientV3):
    """Une attente bornée, et `renew` vérifié aussi au retour."""

    def get_verification_response(self, ticket: str) -> bytes:
        demande = {"ticket": ticket, "service": self.service_url} | ({"renew": "true"} if self.renew else {})
        adresse = f"{self.server_url}{self.url_suffix}"
        reponse = self.session.get(adresse, params=demande, timeout=ATTENTE)
        reponse.raise_for_status()
        return reponse.content


@public
@csrf_exempt
@never_cache
def entree_cas(request: HttpRequest) -> HttpResponse:
    """L'aller, le retour avec un ticket, et la fermeture qu'annonce le serveur (POST)."""
    if request.method == "POST":
        return _fermeture(request)
    ticket = request.GET.get("ticket", "")
    if not ticket:
        return redirect(_client(request, partir(request)).get_login_url())
    client = _client(request, request.session.get(REDIRE, False))
    try:
        identifiant, attributs, _ = client.verify_ticket(ticket)
    except REFUSES:
        return muet(request, settings.CAS_NOM)
    lus = (attributs or {}) | {"": identifiant}
    return arriver(
        request,
        Venu(
            annuaire=settings.CAS_NOM,
            champ=settings.CAS_CHAMP,
            valeur=_seule(lus.get(settings.CAS_ATTRIBUT)),
            sortie=client.get_logout_url(adresse_du_site(request) + reverse("connexion")),
            ticket=ticket,
        ),
    )


def _fermeture(request: HttpRequest) -> HttpResponse:
    """Le serveur CAS ferme la session d'un ticket qu'il a donné."""
    for index in ClientCas.get_saml_slos(request.POST.get("logoutRequest", "").encode()) or ():
        for session in UserSession.objects.filter(data__ticket=index.text or "-"):
            session.end()
    return HttpResponse(status=204)


def _client(request: HttpRequest, renew: bool) -> ClientCas:
    service = adresse_du_site(request) + reverse("connexion-ent")
    return ClientCas(service_url=service, server_url=settings.CAS_SERVEUR, renew=renew)


def _seule(valeur: Any) -> str:
    return valeur.strip() if isinstance(valeur, str) else ""


urlpatterns = [path("connexion/ent/", entree_cas, name="connexion-ent")]
