"""Le départ d'un élève vers une autre installation, et l'arrivée d'un élève qui en vient."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from livret.administration.pages import A, etablissement_administre
from livret.eleve.pages import eleve_lu
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete, saisie
from livret.transfert.apercu import Annonce
from livret.transfert.arrivee import accueillir, annonce, apercu_d_accueil, deposer
from livret.transfert.depart import archive_de_depart
from livret.transfert.forms import AccueilForm, ArchiveRecueForm, FusionForm
from livret.transfert.fusion import apercu_de_fusion, fondre
from livret.transfert.models import TransfertRecu
from livret.transfert.recus import apport
from trpm.acces import requires
from trpm.base.modification import ApercuPerime
from trpm.base.signature import empreinte_de_la_cle
from trpm.garde.heure import a_l_heure_de
from trpm.impression.documents import nom_de_fichier, telechargement
from trpm.permissions import Action


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
    """Déposer l'archive ; les comptes rendus restent, chacun avec l'archive telle qu'elle est venue."""
    lieu = etablissement_administre(request, pk)
    form = ArchiveRecueForm(saisie(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        dit = form.cleaned_data
        try:
            recu = deposer(dit["fichier"], dit["cle"], lieu, request.user, timezone.now())
        except ValidationError as refus:
            form.add_error(None, refus.messages)
        else:
            return redirect("livret:transfert-apercu", recu.pk)
    tous = TransfertRecu.objects.filter(etablissement=lieu).select_related("eleve", "par")
    page = {"etablissement": lieu, "onglet": "eleves", "form": form}
    page |= {"recus": tous.recus(), "deposes": tous.deposes()}
    return render(request, "livret/transfert/arrivee.html", page, status=422 if form.errors else 200)


@requires(A)
@never_cache
def transfert_apercu(request: Requete, pk: int) -> HttpResponse:
    """Ce que l'accueil donnerait ; c'est cet aperçu que l'on confirme."""
    recu = _depose(request, pk)
    portee = annonce(recu)
    form = AccueilForm(saisie(request) or _propose(recu, portee), etablissement=recu.etablissement)
    lu = None
    if form.is_valid():
        try:
            if "accueillir" in request.POST and (fait := _accueilli(request, recu, form)):
                return fait
            lu = apercu_d_accueil(recu, form.choix(), request.user, timezone.now())
        except ValidationError as refus:
            form.add_error(None, refus.messages)
    page = {"etablissement": recu.etablissement, "onglet": "eleves", "recu": recu, "form": form}
    page |= {"annonce": portee, "apercu": lu}
    refusee = request.method == "POST" and form.errors
    return render(request, "livret/transfert/apercu.html", page, status=422 if refusee else 200)


def _depose(request: Requete, pk: int) -> TransfertRecu:
    deposes = TransfertRecu.objects.for_user(request.user, A).deposes().select_related("etablissement")
    return get_object_or_404(deposes, pk=pk)


def _propose(recu: TransfertRecu, portee: Annonce) -> dict[str, int]:
    """La classe du même diplôme, la plus récente ; rien de qui est déjà ici : il y reste."""
    if portee.ine and recu.etablissement.eleves.filter(ine=portee.ine).exists():
        return {"classe": 0}
    memes = recu.etablissement.classes.filter(
        equipe__isnull=False, promotion__referentiel__code=portee.diplome
    )
    proposee = memes.order_by("-annee__debut", "nom").first()
    return {"classe": proposee.pk} if proposee else {"classe": 0}


def _accueilli(request: Requete, recu: TransfertRecu, form: AccueilForm) -> HttpResponse | None:
    choix, montre = form.choix(), form.cleaned_data["apercu"]
    try:
        fait = accueillir(recu, choix, request.user, timezone.now(), montre)
    except ApercuPerime as refus:
        form.add_error(None, refus.messages)
        return None
    messages.success(request, f"Le livret de {fait.eleve} est accueilli.")
    return redirect("livret:transfert-arrivee", recu.etablissement_id)


@requires(A)
@require_POST
@transaction.atomic
def transfert_ecarter(request: Requete, pk: int) -> HttpResponse:
    recu = _depose(request, pk)
    recu.ecarter()
    messages.success(request, f"L’archive venue de {recu.origine} est écartée\xa0: rien n’en reste ici.")
    return redirect("livret:transfert-arrivee", recu.etablissement_id)


@requires(Action.VOIR_LIVRET)
def eleve_recus(request: Requete, pk: int) -> HttpResponse:
    """Ce qu'il a apporté d'un autre établissement, à qui lit son livret."""
    eleve = eleve_lu(request, pk)
    recus = list(eleve.transferts.select_related("etablissement"))
    if not recus:
        raise Http404
    contexte = {
        "eleve": eleve,
        "apports": [apport(un) for un in recus],
        "lui": eleve.utilisateur_id == request.user.pk,
    }
    a_l_heure_de(eleve.etablissement)
    return render(request, "livret/transfert/recus.html", contexte)


@requires(A)
def transfert_archive(request: Requete, pk: int) -> HttpResponse:
    recus = TransfertRecu.objects.for_user(request.user, A).recus()
    recu = get_object_or_404(recus.select_related("eleve"), pk=pk)
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
            fondre(gardee, prevu.fondue, form.cleaned_data["apercu"])
        except ValidationError as refus:
            form.add_error(None, refus.messages)
        else:
            messages.success(request, f"Les deux fiches de {gardee} n’en font plus qu’une.")
            return redirect("livret:eleve-update", pk)
    page = {"etablissement": gardee.etablissement, "onglet": "eleves", "form": form, "apercu": prevu}
    return render(request, "livret/transfert/fusion.html", {**page, "gardee": gardee})
