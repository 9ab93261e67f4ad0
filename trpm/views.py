"""Les pages qui ne sont d'aucune pièce : la santé du site, ce que sert la racine, la sortie."""

from django.contrib.auth.views import LogoutView
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from trpm.acces import public
from trpm.comptes.connexion import SORTIE


@public
@never_cache
def sante(request: HttpRequest) -> HttpResponse:
    """« ok » quand la base répond ; 503, et pourquoi, sinon."""
    try:
        with connection.cursor() as curseur:
            curseur.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse(
            "la base de données ne répond pas", content_type="text/plain; charset=utf-8", status=503
        )
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@public
@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """Servi à la racine, car un tel service ne régit que les adresses placées sous la sienne."""
    return render(request, "service-worker.js", content_type="text/javascript; charset=utf-8")


@public
def hors_ligne(request: HttpRequest) -> HttpResponse:
    """La page que l'appareil garde pour la montrer sans réseau : elle ne dit rien de personne."""
    return render(request, "erreurs/hors_ligne.html")


@public
def deconnexion(request: HttpRequest) -> HttpResponseBase:
    """Ici, et chez l'annuaire d'où l'on vient. Le navigateur oublie les pages déjà vues,
    non les saisies qui attendent sur l'appareil."""
    sortie = request.session.get(SORTIE, "")
    reponse = LogoutView.as_view()(request)
    if request.method == "POST":
        if sortie:
            reponse = HttpResponseRedirect(sortie)
        reponse.headers["Clear-Site-Data"] = '"cache"'
    return reponse
