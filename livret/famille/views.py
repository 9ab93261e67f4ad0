"""La famille lit ce qui est publié de son enfant ; l'établissement l'invite, et retire l'accès."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from livret.administration.invitations import inviter
from livret.administration.pages import A, Fil
from livret.bilan.documents import bilans_pdf, nom_du_bilan
from livret.bilan.lus import BilanLu, bilan_lu
from livret.bilan.models import Bilan
from livret.famille.documents import livret_publie, livret_publie_pdf
from livret.famille.forms import ResponsableForm
from livret.famille.models import AccuseDeLecture, Responsable
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete, saisie
from trpm.acces import requires
from trpm.base.envois import aboutie
from trpm.comptes.bienvenue import lien_de_bienvenue
from trpm.garde.heure import a_l_heure_de
from trpm.garde.reseau import adresse_du_site
from trpm.impression.documents import telechargement
from trpm.impression.qr import qr
from trpm.permissions import Action

S = Action.SUIVRE_SON_ENFANT

# --- La famille -------------------------------------------------------------------------------


@requires(S)
def famille(request: Requete) -> HttpResponse:
    enfants = Responsable.objects.for_user(request.user, S).select_related("eleve__etablissement")
    return render(request, "livret/famille/famille.html", {"enfants": [un.eleve for un in enfants]})


@requires(S)
def enfant(request: Requete, pk: int) -> HttpResponse:
    eleve = _enfant(request, pk)
    bilans = Bilan.objects.filter(eleve=eleve).en_vigueur().defer("contenu").order_by("-date", "-pk")
    lus = set(AccuseDeLecture.objects.filter(compte=request.user).values_list("bilan", flat=True))
    contexte = livret_publie(eleve) | {"bilans": [(un, un.pk in lus) for un in bilans]}
    return render(request, "livret/famille/enfant.html", contexte)


@requires(S)
def enfant_pdf(request: Requete, pk: int) -> HttpResponse:
    eleve = _enfant(request, pk)
    return telechargement(livret_publie_pdf(eleve), f"Livret publié {eleve}.pdf")


def _enfant(request: Requete, pk: int) -> Eleve:
    siens = Responsable.objects.for_user(request.user, S).values("eleve")
    lies = Eleve.objects.select_related("promotion__referentiel", "option", "statut", "etablissement")
    eleve = get_object_or_404(lies, pk=pk, pk__in=siens)
    a_l_heure_de(eleve.etablissement)
    return eleve


@requires(S)
def enfant_bilan(request: Requete, pk: int) -> HttpResponse:
    """Un bilan validé ; l'envoi note qu'il est lu, une fois."""
    lu = _bilan(request, pk)
    if request.method == "POST":
        AccuseDeLecture.objects.get_or_create(bilan=lu.bilan, compte=request.user)
        messages.success(request, "Votre lecture est notée\xa0; l’établissement le voit.")
        return redirect("livret:enfant-bilan", pk)
    accuse = AccuseDeLecture.objects.filter(bilan=lu.bilan, compte=request.user).first()
    contexte = {"bilan": lu.bilan, "contenu": lu.contenu, "accuse": accuse}
    return render(request, "livret/famille/bilan.html", contexte)


@requires(S)
def enfant_bilan_pdf(request: Requete, pk: int) -> HttpResponse:
    lu = _bilan(request, pk)
    return telechargement(bilans_pdf([lu], nom_du_bilan(lu)), f"{nom_du_bilan(lu)}.pdf")


def _bilan(request: Requete, pk: int) -> BilanLu:
    siens = Responsable.objects.for_user(request.user, S).values("eleve")
    lu = bilan_lu(get_object_or_404(Bilan.objects.valides(), pk=pk, eleve__in=siens))
    a_l_heure_de(lu.bilan.eleve.etablissement)
    return lu


# --- L'établissement --------------------------------------------------------------------------


@requires(A)
@never_cache
def responsables(request: Requete, pk: int) -> HttpResponse:
    """Ceux d'un élève ; 404 tant que l'établissement ne s'est pas ouvert aux familles."""
    visibles = Eleve.objects.for_user(request.user, A).filter(etablissement__familles=True)
    eleve = get_object_or_404(visibles.select_related("etablissement"), pk=pk)
    form = ResponsableForm(saisie(request), eleve=eleve)
    if request.method == "POST" and form.is_valid():
        return _inviter(request, eleve, form)
    accuses = AccuseDeLecture.objects.filter(bilan__eleve=eleve).select_related("bilan", "compte")
    page = _page(eleve) | {
        "form": form,
        "responsables": eleve.responsables.select_related("compte"),
        "accuses": accuses,
    }
    return render(request, "livret/famille/responsables.html", page)


def _inviter(request: Requete, eleve: Eleve, form: ResponsableForm) -> HttpResponse:
    acces, ici = form.save(), reverse("livret:responsables", args=[eleve.pk])
    site = adresse_du_site(request)
    if acces is None:
        messages.success(request, f"La personne lit maintenant ce qui est publié de {eleve}.")
        return redirect(ici)
    if form.par_courriel and not (refus := inviter(acces.compte, site)):
        messages.success(request, f"L’invitation est partie à {acces.compte.email}.")
        return redirect(ici)
    if form.par_courriel:
        messages.warning(request, refus)
    lien = lien_de_bienvenue(acces.compte, site)
    page = _page(eleve) | {
        "titre": f"Accès de {acces.nom}",
        "feuilles": [(acces, lien, qr(lien, f"QR code de l’invitation de {acces.nom}"))],
        "connexion": request.build_absolute_uri(reverse("connexion")),
    }
    return aboutie(render(request, "livret/administration/acces.html", page), ici)


@requires(A)
@require_POST
def responsable_retrait(request: Requete, pk: int) -> HttpResponse:
    lien = get_object_or_404(Responsable.objects.for_user(request.user, A), pk=pk)
    eleve = lien.eleve
    lien.delete()
    messages.success(request, f"{lien} ne lit plus rien de {eleve}.")
    return redirect("livret:responsables", eleve.pk)


def _page(eleve: Eleve) -> dict[str, object]:
    lieu = eleve.etablissement
    fil: Fil = [
        (reverse("livret:eleves", args=[lieu.pk]), "Élèves"),
        (reverse("livret:eleve-update", args=[eleve.pk]), str(eleve)),
    ]
    return {"etablissement": lieu, "onglet": "eleves", "chemin": fil, "eleve": eleve}
