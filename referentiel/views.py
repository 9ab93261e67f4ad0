"""Pages du référentiel : la consultation, ouverte à tous les rôles, et l'import."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from referentiel import consultation
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import (
    EtatChange,
    ImportRefuse,
    importer,
    previsualiser,
)
from referentiel.fichier.lecture import Document
from referentiel.forms import ConfirmationImportForm, DepotForm, signer
from referentiel.models import Grille, Referentiel
from referentiel.partage import refus_de_changer
from trpm.acces import requires
from trpm.permissions import Action

FAUTES_MAX = 500
"""Fautes montrées sur la page ; la commande les donne toutes."""


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def liste(request: HttpRequest) -> HttpResponse:
    referentiels = Referentiel.objects.prefetch_related("options")
    return render(request, "referentiel/liste.html", {"referentiels": referentiels})


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def detail(request: HttpRequest, pk: int, option: str) -> HttpResponse:
    contexte = _contexte(request, pk, option)
    contexte["fiche"] = consultation.fiche_option(
        contexte["referentiel"], contexte["option"], contexte["grille"]
    )
    return render(request, "referentiel/detail.html", contexte)


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def matrice(request: HttpRequest, pk: int, option: str) -> HttpResponse:
    contexte = _contexte(request, pk, option)
    contexte["matrice"] = consultation.matrice(contexte["referentiel"], contexte["option"])
    return render(request, "referentiel/matrice.html", contexte)


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def poids(request: HttpRequest, pk: int, option: str) -> HttpResponse:
    contexte = _contexte(request, pk, option)
    if contexte["grille"]:
        contexte["ponderation"] = consultation.ponderation(contexte["option"], contexte["grille"])
    return render(request, "referentiel/poids.html", contexte)


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def identite(request: HttpRequest, pk: int, option: str) -> HttpResponse:
    contexte = _contexte(request, pk, option)
    contexte["statuts"] = contexte["referentiel"].statuts.select_related("voie")
    contexte["reperes"] = contexte["referentiel"].reperes.all()
    natures = {source["groupe"]: source["nature"] for source in contexte["referentiel"].sources}
    contexte["nature_pfmp"] = natures.get("semaines_pfmp")
    return render(request, "referentiel/identite.html", contexte)


@require_safe
@requires(Action.CONSULTER_REFERENTIEL)
def exporter(request: HttpRequest, pk: int) -> HttpResponse:
    referentiel = get_object_or_404(Referentiel, pk=pk)
    reponse = HttpResponse(ContenuReferentiel(referentiel).texte(), content_type="application/json")
    nom = f"{referentiel.code}-{referentiel.version}.json".lower()
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


@requires(Action.IMPORTER_REFERENTIEL)
def deposer(request: HttpRequest) -> HttpResponse:
    """Dépôt d'un fichier, puis ses fautes ou l'aperçu de ce qu'il changerait."""
    form = DepotForm(request.POST, request.FILES) if request.method == "POST" else DepotForm()
    if not form.is_valid():
        return render(request, "referentiel/importer.html", {"form": form})
    try:
        document = form.document()
    except FichierInvalide as erreur:
        contexte = {
            "form": DepotForm(),
            "fichier": form.cleaned_data["fichier"].name,
            "nombre": len(erreur.fautes),
            "fautes": erreur.fautes[:FAUTES_MAX],
        }
        return render(request, "referentiel/importer.html", contexte)
    return _apercu(request, document)


@require_POST
@requires(Action.IMPORTER_REFERENTIEL)
def confirmer(request: HttpRequest) -> HttpResponse:
    form = ConfirmationImportForm(request.POST, utilisateur=str(request.user.pk))
    if not form.is_valid() or form.apercu is None:
        messages.error(request, "Cet aperçu a expiré ou a été modifié. Déposez de nouveau le fichier.")
        return redirect("referentiel:importer")
    document = form.apercu.document
    if refus_de_changer(request.user, document.code, document.version):
        return _apercu(request, document)
    try:
        importer(document, etat_attendu=form.apercu.etat)
    except EtatChange:
        messages.error(
            request, "Le référentiel a changé depuis cet aperçu ; rien n’a été écrit. Voici l’aperçu à jour."
        )
        return _apercu(request, document)
    except ImportRefuse:
        return _apercu(request, document)
    messages.success(request, f"Le référentiel {document.code} {document.version} est importé.")
    return redirect("referentiel:liste")


def _apercu(request: HttpRequest, document: Document) -> HttpResponse:
    changements = previsualiser(document)
    jeton = signer(ecrire(document.brut), changements.etat, str(request.user.pk))
    contexte = {
        "document": document,
        "changements": changements,
        "partage": changements and refus_de_changer(request.user, document.code, document.version),
        "form": ConfirmationImportForm(initial={"jeton": jeton}, utilisateur=str(request.user.pk)),
    }
    return render(request, "referentiel/apercu.html", contexte)


def _contexte(request: HttpRequest, pk: int, code: str) -> dict[str, Any]:
    """Le référentiel, l'option regardée, les autres, et la grille demandée ou la plus récente."""
    referentiel = get_object_or_404(Referentiel, pk=pk)
    options = list(referentiel.options.all())
    option = next((option for option in options if option.code == code), None)
    if option is None:
        raise Http404(f"Aucune option {code} dans ce référentiel.")
    grilles = list(referentiel.grilles.select_related("echelle"))
    return {
        "referentiel": referentiel,
        "option": option,
        "options": options,
        "grilles": grilles,
        "grille": _grille(grilles, request.GET.get("grille")),
    }


def _grille(grilles: list[Grille], version: str | None) -> Grille | None:
    if version is None:
        return next(iter(grilles), None)
    demandees = [grille for grille in grilles if grille.version == version]
    if not demandees:
        raise Http404(f"Aucune grille {version} dans ce référentiel.")
    return demandees[0]
