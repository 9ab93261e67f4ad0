"""Les pages d'erreur sont des pages de l'application : en français, avec une issue, même sans base."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

journal = logging.getLogger(__name__)


@dataclass(frozen=True)
class Panne:
    """Ce que dit une page d'erreur : ce qui arrive, pourquoi, et ce que l'on peut faire."""

    titre: str
    cause: str
    remede: str


PANNES = {
    400: Panne(
        "Cette demande ne se lit pas",
        "L’adresse est incomplète, ou ce qui a été envoyé est abîmé.",
        "Revenez à la page précédente et recommencez.",
    ),
    403: Panne(
        "Cette page ne vous est pas ouverte",
        "Votre rôle ne permet pas de l’ouvrir.",
        "Si elle devrait l’être, demandez à l’administrateur de votre établissement.",
    ),
    404: Panne(
        "Cette page n’existe pas",
        "L’adresse est fausse, ce qu’elle montrait a été retiré, ou vous n’y avez pas accès.",
        "Vérifiez l’adresse, ou repartez de l’accueil.",
    ),
    405: Panne(
        "Cette adresse ne s’ouvre pas ainsi",
        "Elle reçoit ce qu’une page envoie\xa0; elle ne montre rien par elle-même.",
        "Retournez à la page d’où vous venez.",
    ),
    410: Panne(
        "Cette page a été retirée",
        "Ce qu’elle montrait n’est plus là.",
        "Repartez de l’accueil.",
    ),
    413: Panne(
        "C’est trop gros pour être reçu",
        "Un fichier pèse 10\xa0Mo au plus, et un texte quelques pages.",
        "Revenez à la page précédente, allégez ce que vous envoyez, puis recommencez.",
    ),
    429: Panne(
        "Trop d’essais",
        "Cette page vient d’être demandée de nombreuses fois, pour ce compte ou depuis cet endroit.",
        "Attendez quelques minutes, puis recommencez.",
    ),
    500: Panne(
        "Le site a rencontré une panne",
        "Ce que vous veniez d’envoyer n’est peut-être pas enregistré\xa0; les saisies de la grille, elles, "
        "attendent sur cet appareil.",
        "Attendez un instant, puis rechargez la page. Si la panne dure, prévenez qui tient le site.",
    ),
}


def page_d_erreur(request: HttpRequest, statut: int, cause: str = "") -> HttpResponse:
    """La page de ce statut ; sans en-tête personnel quand la base ne dit pas qui demande."""
    contexte = {"statut": statut, "panne": PANNES[statut], "cause": cause, "retour": _retour(request)}
    if statut < 500 and _reconnue(request):
        try:
            contexte["modele"] = "base.html"
            return HttpResponse(render_to_string("erreurs/erreur.html", contexte, request), status=statut)
        except DatabaseError:
            journal.exception("Page d’erreur sans base de données")
    contexte["modele"] = "erreurs/nue.html"
    return HttpResponse(render_to_string("erreurs/erreur.html", contexte), status=statut)


def _reconnue(request: HttpRequest) -> bool:
    try:
        return bool(request.user.is_authenticated)
    except (AttributeError, DatabaseError):
        return False


def _retour(request: HttpRequest) -> str:
    """La page d'où l'on vient, si elle est de ce site et n'est pas celle-ci."""
    venue = request.META.get("HTTP_REFERER", "")
    hotes = {request.META.get("HTTP_HOST", "")}
    if not venue or not url_has_allowed_host_and_scheme(venue, hotes) or venue.endswith(request.path):
        return ""
    return venue


def demande_refusee(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page_d_erreur(request, 400, _phrase(exception))


def acces_refuse(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page_d_erreur(request, 403, _phrase(exception))


def introuvable(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page_d_erreur(request, 404)


def trop_d_essais(request: HttpRequest) -> HttpResponse:
    return page_d_erreur(request, 429)


def panne(request: HttpRequest) -> HttpResponse:
    return page_d_erreur(request, 500)


def jeton_perdu(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Le témoin CSRF manque ou a changé : une autre personne s'est connectée, ou les témoins sont bloqués."""
    return page_d_erreur(
        request,
        403,
        "Cette page a vieilli, ou quelqu’un d’autre s’est connecté sur cet appareil\xa0: rien n’est "
        "enregistré. Revenez à la page précédente, rechargez-la, puis recommencez.",
    )


def _phrase(exception: Exception) -> str:
    """Le message d'un refus écrit ici ; ceux de Django sont en anglais, pour un journal."""
    return str(exception) if type(exception) in (BadRequest, PermissionDenied) else ""


class ErreursMiddleware:
    """Une réponse d'erreur vide (405 d'une adresse qui n'attend qu'un envoi) devient une page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reponse: Any = self.get_response(request)
        if reponse.status_code not in PANNES or reponse.streaming or reponse.content:
            return reponse
        page = page_d_erreur(request, reponse.status_code)
        for nom, valeur in reponse.items():
            if nom not in ("Content-Type", "Content-Length"):  # ceux de la réponse vide
                page.headers.setdefault(nom, valeur)
        return page
