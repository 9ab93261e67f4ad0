"""Importer un référentiel : le dépôt d'un fichier, l'aperçu de ce qu'il change, la confirmation."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from referentiel.apercu import apercu
from referentiel.echange.catalogue import catalogue
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import (
    EtatChange,
    ImportRefuse,
    importer,
)
from referentiel.forms import ConfirmationImportForm, Depot, DepotForm, Origine
from referentiel.partage import refus_de_changer
from trpm.acces import requires
from trpm.permissions import Action

FAUTES_MAX = 500
"""Fautes montrées sur la page ; la commande les donne toutes."""


@requires(Action.IMPORTER_REFERENTIEL)
def deposer(request: HttpRequest) -> HttpResponse:
    """Dépôt d'un fichier, puis ses fautes ou l'aperçu de ce qu'il changerait."""
    form = DepotForm(request.POST, request.FILES) if request.method == "POST" else DepotForm()
    if not form.is_valid():
        return render(request, "referentiel/importer.html", {"form": form})
    try:
        depot = form.depot()
    except FichierInvalide as erreur:
        contexte = {
            "form": DepotForm(),
            "fichier": form.cleaned_data["fichier"].name,
            "nombre": len(erreur.fautes),
            "fautes": erreur.fautes[:FAUTES_MAX],
        }
        return render(request, "referentiel/importer.html", contexte)
    return apercu(request, depot)


@require_POST
@requires(Action.IMPORTER_REFERENTIEL)
def choisir(request: HttpRequest, nom: str) -> HttpResponse:
    """Un diplôme du catalogue livré : l'aperçu de ce qu'il ajouterait."""
    livre = catalogue().get(nom)
    if livre is None:
        raise Http404("Aucun diplôme de ce nom dans le catalogue.")
    return apercu(request, Depot(livre.texte, Origine.CATALOGUE, livre.fichier))


@require_POST
@requires(Action.IMPORTER_REFERENTIEL)
def confirmer(request: HttpRequest) -> HttpResponse:
    form = ConfirmationImportForm(request.POST, utilisateur=str(request.user.pk))
    if not form.is_valid() or form.apercu is None:
        messages.error(request, "Cet aperçu a expiré ou a été modifié. Déposez de nouveau le fichier.")
        return redirect("referentiel:importer")
    depot = form.apercu.depot
    if refus_de_changer(request.user, depot.document.code, depot.document.version):
        return apercu(request, depot)
    try:
        importer(depot.document, form.apercu.etat, depot.provenance(request.user))
    except EtatChange:
        messages.error(
            request, "Le référentiel a changé depuis cet aperçu ; rien n’a été écrit. Voici l’aperçu à jour."
        )
        return apercu(request, depot)
    except ImportRefuse:
        return apercu(request, depot)
    messages.success(request, f"Le référentiel {depot.document} est {depot.fait}.")
    return redirect("referentiel:liste")
