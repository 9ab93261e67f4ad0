"""Relire une archive déposée : rien n'en est gardé, rien n'est cherché ni écrit en base."""

from django.http import HttpResponse
from django.shortcuts import render

from certification.document.forms import ArchiveForm
from certification.lot.archive import relire
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.IMPRIMER_DOSSIER)
def relecture(request: Requete) -> HttpResponse:
    form = ArchiveForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    relue = None
    if request.method == "POST" and form.is_valid():
        relue = relire(form.octets, form.cleaned_data["cle"])
    contexte = {"form": form, "relue": relue}
    return render(request, "certification/lot/archive.html", contexte, status=422 if form.errors else 200)
