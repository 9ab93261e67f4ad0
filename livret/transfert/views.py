"""Le départ d'un élève vers une autre installation, et l'arrivée d'un élève qui en vient."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from livret.administration.pages import A, etablissement_administre
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete, saisie
from livret.transfert.arrivee import accueillir
from livret.transfert.depart import archive_de_depart
from livret.transfert.forms import AccueilForm, FusionForm
from livret.transfert.fusion import apercu_de_fusion, fondre
from livret.transfert.models import TransfertRecu
from trpm.acces import requires
from trpm.base.signature import empreinte_de_la_cle
from trpm.impression.documents import nom_de_fichier, telechargement


@requires(A)
@never_cache
def transfert_depart(request: Requete, pk: int) -> HttpResponse:
    """La page dit ce que l'archive porte, et la clé à dicter ; le bouton la donne."""
    eleves = Eleve.objects.for_user(request.user, A).select_related(
        "etablissement",
        "promotion__referentiel",
        "promotion__option",
        "option",
        "statut",
        "promotion__grille",
    )
    eleve = get_object_or_404(eleves, pk=pk)
    if request.method == "POST":
        nom = nom_de_fichier(f"Transfert {eleve}.zip")
        return telechargement(archive_de_depart(eleve, request.user), nom, "application/zip")
    page = {"etablissement": eleve.etablissement, "onglet": "eleves", "eleve": eleve}
    return render(request, "livret/transfert/depart.html", page | {"cle": empreinte_de_la_cle()})


@requires(A)
@never_cache
def transfert_arrivee(request: Requete, pk: int) -> HttpResponse:
    """Déposer l'archive ; le compte rendu reste, avec l'archive telle qu'elle est venue."""
    lieu = etablissement_administre(request, pk)
    form = AccueilForm(saisie(request), request.FILES or None, etablissement=lieu)
    if request.method == "POST" and form.is_valid():
        dit = form.cleaned_data
        try:
            recu = accueillir(
                dit["fichier"], dit["cle"], dit["classe"], dit["fiche"], request.user, timezone.now()
            )
        except ValidationError as refus:
            form.add_error(None, refus.messages)
        else:
            messages.success(request, f"{recu.eleve} est accueilli en {dit['classe']}.")
            return redirect("livret:transfert-arrivee", pk)
    recus = TransfertRecu.objects.filter(etablissement=lieu).select_related("eleve", "par")
    page = {"etablissement": lieu, "onglet": "eleves", "form": form, "recus": recus}
    return render(request, "livret/transfert/arrivee.html", page, status=422 if form.errors else 200)


@requires(A)
def transfert_archive(request: Requete, pk: int) -> HttpResponse:
    recu = get_object_or_404(TransfertRecu.objects.for_user(request.user, A).select_related("eleve"), pk=pk)
    with recu.archive.open() as fichier:
        nom = nom_de_fichier(f"Transfert {recu.eleve}.zip")
        return telechargement(fichier.read(), nom, "application/zip")


@requires(A)
def eleve_fusion(request: Requete, pk: int) -> HttpResponse:
    """Choisir l'autre fiche, voir ce qui passerait à celle-ci, puis n'en garder qu'une."""
    eleves = Eleve.objects.for_user(request.user, A).select_related("etablissement", "promotion")
    gardee = get_object_or_404(eleves, pk=pk)
    recu = request.POST if request.method == "POST" else request.GET
    form = FusionForm(recu if "fondue" in recu else None, gardee=gardee)
    valide = form.is_bound and form.is_valid()
    prevu = apercu_de_fusion(gardee, form.cleaned_data["fondue"]) if valide else None
    if prevu and request.method == "POST":
        try:
            fondre(gardee, prevu.fondue)
        except ValidationError as refus:
            form.add_error(None, refus.messages)
        else:
            messages.success(request, f"Les deux fiches de {gardee} n’en font plus qu’une.")
            return redirect("livret:eleve-update", pk)
    page = {"etablissement": gardee.etablissement, "onglet": "eleves", "form": form, "apercu": prevu}
    return render(request, "livret/transfert/fusion.html", {**page, "gardee": gardee})
