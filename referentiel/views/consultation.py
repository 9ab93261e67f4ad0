"""Pages du référentiel : la consultation, ouverte à tous les rôles."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from referentiel import consultation
from referentiel.echange.case import identifiant_case
from referentiel.echange.catalogue import catalogue
from referentiel.echange.classeur import classeur_de
from referentiel.echange.moodle import csv_de
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.models import Competence, Referentiel
from referentiel.partage import grille_demandee, grilles_suivies
from trpm.acces import requires
from trpm.permissions import Action

TYPE_CLASSEUR = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def liste(request: HttpRequest) -> HttpResponse:
    referentiels = list(Referentiel.objects.prefetch_related("options"))
    presents = {(un.code, un.version) for un in referentiels}
    livres = {nom: livre for nom, livre in catalogue().items() if livre.identite not in presents}
    return render(request, "referentiel/liste.html", {"referentiels": referentiels, "livres": livres})


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def detail(request: HttpRequest, pk: int, option: str) -> HttpResponse:
    contexte = _avec_grille(request, pk, option)
    contexte["fiche"] = consultation.fiche_option(
        contexte["referentiel"], contexte["option"], contexte["grille"]
    )
    return render(request, "referentiel/detail.html", contexte)


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def matrice(request: HttpRequest, pk: int, option: str) -> HttpResponse:
    contexte = _contexte(pk, option)
    contexte["matrice"] = consultation.matrice(contexte["referentiel"], contexte["option"])
    return render(request, "referentiel/matrice.html", contexte)


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def poids(request: HttpRequest, pk: int, option: str) -> HttpResponse:
    contexte = _avec_grille(request, pk, option)
    if contexte["grille"]:
        contexte["ponderation"] = consultation.ponderation(contexte["option"], contexte["grille"])
    return render(request, "referentiel/poids.html", contexte)


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def identite(request: HttpRequest, pk: int, option: str) -> HttpResponse:
    contexte = _contexte(pk, option)
    contexte["statuts"] = contexte["referentiel"].statuts.select_related("voie")
    contexte["reperes"] = contexte["referentiel"].reperes.all()
    natures = {source["groupe"]: source["nature"] for source in contexte["referentiel"].sources}
    contexte["nature_pfmp"] = natures.get("semaines_pfmp")
    contexte["case"] = identifiant_case(contexte["referentiel"].code, contexte["referentiel"].version)
    return render(request, "referentiel/identite.html", contexte)


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def exporter(request: HttpRequest, pk: int) -> HttpResponse:
    referentiel = get_object_or_404(Referentiel, pk=pk)
    reponse = HttpResponse(ContenuReferentiel(referentiel).texte(), content_type="application/json")
    nom = f"{referentiel.code}-{referentiel.version}.json".lower()
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def exporter_classeur(request: HttpRequest, pk: int) -> HttpResponse:
    referentiel = get_object_or_404(Referentiel, pk=pk)
    octets = classeur_de(ContenuReferentiel(referentiel).document())
    return _classeur(octets, f"{referentiel.code}-{referentiel.version}".lower())


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def exporter_moodle(request: HttpRequest, pk: int) -> HttpResponse:
    referentiel = get_object_or_404(Referentiel, pk=pk)
    texte = csv_de(ContenuReferentiel(referentiel).document())
    reponse = HttpResponse(texte, content_type="text/csv; charset=utf-8")
    nom = f"{referentiel.code}-{referentiel.version}-moodle.csv".lower()
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def appui(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Ce que le référentiel dit d'une compétence : détails, indicateurs, savoirs ; elle seule se note."""
    dite = consultation.appui(get_object_or_404(Competence, referentiel=pk, code=code))
    return render(request, "referentiel/appui.html", {"appui": dite})


@require_safe
@requires(Action.IMPORTER_REFERENTIEL)
def modele(request: HttpRequest) -> HttpResponse:
    """Le classeur vide, à remplir puis à déposer."""
    return _classeur(classeur_de({}), "modele-de-referentiel")


def _classeur(octets: bytes, nom: str) -> HttpResponse:
    reponse = HttpResponse(octets, content_type=TYPE_CLASSEUR)
    reponse["Content-Disposition"] = f'attachment; filename="{nom}.xlsx"'
    return reponse


def _contexte(pk: int, code: str) -> dict[str, Any]:
    """Le référentiel, l'option regardée et les autres."""
    referentiel = get_object_or_404(Referentiel, pk=pk)
    options = list(referentiel.options.all())
    option = next((option for option in options if option.code == code), None)
    if option is None:
        raise Http404(f"Aucune option {code} dans ce référentiel.")
    return {"referentiel": referentiel, "option": option, "options": options}


def _avec_grille(request: HttpRequest, pk: int, code: str) -> dict[str, Any]:
    """Le même, et la grille demandée ; à défaut, celle que suit l'établissement de la personne."""
    contexte = _contexte(pk, code)
    user: Any = request.user
    vues = grilles_suivies(contexte["referentiel"], user.etablissements(Action.CONSULTER_REFERENTIEL))
    montree = grille_demandee(vues, request.GET.get("grille"))
    grille = montree.grille if montree else None
    return contexte | {"grilles": vues, "montree": montree, "grille": grille}
