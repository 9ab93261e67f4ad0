"""Entrer par un annuaire d'établissement : un compte qui existe, ou personne. Ni compte, ni rôle n'en vient.

Un annuaire éteint n'a pas d'adresse, et sa bibliothèque n'est pas chargée."""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.models import Login
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from trpm.comptes.connexion import ANNUAIRE, SORTIE

journal = logging.getLogger(__name__)
SUITE, REDIRE = "annuaire-suite", "annuaire-redire"
CHAMPS = {"identifiant": "username", "courriel": "email__iexact", "annuaire": "annuaire", "ine": "eleve__ine"}
"""Ce qu'un annuaire peut nommer d'un compte (`CAS_CHAMP`, `OIDC_CHAMP`)."""


@dataclass(frozen=True)
class Venu:
    """Ce que l'annuaire dit de la personne, et où l'on sort de chez lui."""

    annuaire: str
    champ: str
    valeur: str
    sortie: str = ""
    ticket: str = ""


def partir(request: HttpRequest) -> bool:
    """Retient où aller au retour ; vrai si la personne, déjà entrée, doit seulement redire qui elle est."""
    suite = request.GET.get("next", "")
    sure = url_has_allowed_host_and_scheme(suite, {request.get_host()}, request.is_secure())
    request.session[SUITE] = suite if sure else ""
    request.session[REDIRE] = request.user.is_authenticated
    return request.user.is_authenticated


def arriver(request: HttpRequest, venu: Venu) -> HttpResponse:
    suite, redire = request.session.pop(SUITE, ""), request.session.pop(REDIRE, False)
    compte = _compte_de(venu)
    if compte is None or (redire and compte != request.user):
        journal.info("annuaire %s\xa0: personne sans compte, ou autre que celle de la session", venu.annuaire)
        return render(request, "comptes/inconnu.html", {"annuaire": venu.annuaire}, status=403)
    preuve = {"ticket": venu.ticket or None, "reauthenticated": redire or None}
    record_authentication(request, compte, ANNUAIRE, **preuve)
    if redire:
        request.GET = QueryDict(urlencode({"next": suite}))
        return resume_request(request) or redirect("accueil")
    request.session[SORTIE] = venu.sortie
    return perform_login(request, Login(user=compte, redirect_url=suite or None))


def muet(request: HttpRequest, annuaire: str) -> HttpResponse:
    """L'annuaire ne répond pas, ou sa réponse ne vaut rien : rien n'est ouvert."""
    journal.warning("annuaire %s\xa0: réponse absente ou refusée", annuaire, exc_info=True)
    return render(request, "comptes/annuaire_muet.html", {"annuaire": annuaire}, status=502)


def _compte_de(venu: Venu) -> Any:
    """Un seul compte en service, jamais un compte technique ; deux possibles ne désignent personne."""
    if not venu.valeur:
        return None
    comptes = get_user_model().objects.filter(is_active=True, is_staff=False, is_superuser=False)
    trouves = list(comptes.filter(**{CHAMPS[venu.champ]: venu.valeur})[:2])
    return trouves[0] if len(trouves) == 1 else None
