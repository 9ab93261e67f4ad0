"""Le journal des imports : la liste, ce qu'un import a changé, son fichier, le retour à l'état d'avant."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from referentiel.apercu import apercu
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import EtatChange, retirer
from referentiel.fichier.usages import en_clair
from referentiel.forms import Depot, Origine
from referentiel.models import ImportReferentiel
from referentiel.partage import refus_de_changer
from trpm.acces import requires
from trpm.permissions import Action

PAR_PAGE = 30


@require_safe
@requires(Action.IMPORTER_REFERENTIEL)
def imports(request: HttpRequest) -> HttpResponse:
    notes = ImportReferentiel.objects.defer("fichier")
    page = Paginator(notes, PAR_PAGE).get_page(request.GET.get("page"))
    return render(request, "referentiel/imports.html", {"page": page})


@require_safe
@requires(Action.IMPORTER_REFERENTIEL)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    note = get_object_or_404(ImportReferentiel, pk=pk)
    return render(request, "referentiel/import.html", {"note": note})


@require_safe
@requires(Action.IMPORTER_REFERENTIEL)
def fichier(request: HttpRequest, pk: int) -> HttpResponse:
    note = get_object_or_404(ImportReferentiel, pk=pk)
    reponse = HttpResponse(note.fichier, content_type="application/json")
    nom = f"{note.code}-{note.version}-import-{note.pk}.json".lower()
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


@require_POST
@requires(Action.IMPORTER_REFERENTIEL)
def revenir(request: HttpRequest, pk: int) -> HttpResponse:
    """L'état d'avant passe par l'aperçu, comme tout fichier ; avant le premier import, il n'y avait rien."""
    note = get_object_or_404(ImportReferentiel, pk=pk)
    if note.cree:
        return _retirer(request, note)
    depot = Depot(note.avant, Origine.RETOUR, f"avant l’import n° {note.pk}")
    try:
        return apercu(request, depot)
    except FichierInvalide:
        messages.error(request, "Cet état n’est plus conforme au format d’aujourd’hui : rien n’a été écrit.")
        return redirect("referentiel:import", pk)


def _retirer(request: HttpRequest, note: ImportReferentiel) -> HttpResponse:
    if note.referentiel is None:
        messages.error(request, f"Le référentiel {note.code} {note.version} n’est déjà plus là.")
        return redirect("referentiel:import", note.pk)
    if refus := refus_de_changer(request.user, note.code, note.version):
        messages.error(request, refus)
        return redirect("referentiel:import", note.pk)
    try:
        usage = retirer(note.referentiel)
    except EtatChange:
        messages.error(request, "Le référentiel vient d’être employé : rien n’a été écrit. Recommencez.")
        return redirect("referentiel:import", note.pk)
    if usage:
        messages.error(request, f"Ce référentiel sert ({en_clair(usage)}) : il reste, rien n’a été écrit.")
        return redirect("referentiel:import", note.pk)
    messages.success(
        request, f"Le référentiel {note.code} {note.version} est retiré ; son import reste au journal."
    )
    return redirect("referentiel:imports")
