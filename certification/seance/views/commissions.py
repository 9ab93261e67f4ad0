from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from certification.commission.models import Commission
from certification.dossier.figement import figer_tous
from certification.lot.models import Lot
from certification.seance.forms.commission import CommissionForm
from certification.seance.forms.membres import MembreFormSet, MembresFormSet
from certification.seance.pages import commission_ouverte, commission_vue, peut_figer
from certification.seance.place import a_servi, dossiers_clos
from certification.seance.reprise import formulaire_repris, sources
from certification.seance.resumes import RESUMES
from certification.seance.suivi import montres
from certification.seance.table_html import rangees_de_commission
from livret.personnes.requete import Requete
from referentiel.reglement.distinction import distingues
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.VOIR_COMMISSION)
def liste(request: Requete) -> HttpResponse:
    vivants = Q(dossiers__isnull=False, dossiers__clos_le__isnull=True)
    figes = vivants & Q(dossiers__versions__isnull=False, dossiers__versions__rouverte_le__isnull=True)
    commissions = list(
        Commission.objects.for_user(request.user, Action.VOIR_COMMISSION)
        .select_related("etablissement", "epreuve__referentiel")
        .annotate(
            candidats=Count("dossiers", filter=vivants, distinct=True),
            figes=Count("dossiers", filter=figes, distinct=True),
        )
        .order_by("-session", "epreuve__ordre", "pk")
    )
    noms = distingues(une.epreuve.referentiel for une in commissions)
    contexte = {"commissions": commissions, "diplomes": noms}
    return render(request, "certification/seance/commissions.html", contexte)


@requires(Action.VOIR_COMMISSION)
def detail(request: Requete, pk: int) -> HttpResponse:
    commission = commission_vue(request.user, pk)
    dossiers = montres(RESUMES.de([pk]))
    contexte = {
        "commission": commission,
        "dossiers": dossiers,
        "rangees": rangees_de_commission(dossiers),
        "figeables": [un for un in dossiers if un.lu.figeable],
        "ouverts": [un for un in dossiers if not un.lu.fige and not un.lu.figeable],
        "peut_figer": peut_figer(request.user, pk),
        "lots": commission.lots.all(),
        "clos": dossiers_clos(pk),
        "a_servi": a_servi(commission),
        "genres": Lot.GENRES,
        "conseils": next((un.lu.conseils_generaux for un in dossiers if not un.lu.fige), ()),
    }
    return render(request, "certification/seance/commission.html", contexte)


@requires(Action.PREPARER_COMMISSION)
def creation(request: Requete) -> HttpResponse:
    return _formulaire(request, Commission())


@requires(Action.PREPARER_COMMISSION)
def modification(request: Requete, pk: int) -> HttpResponse:
    return _formulaire(request, commission_ouverte(request.user, pk))


def _formulaire(request: Requete, commission: Commission) -> HttpResponse:
    if cle := request.POST.get("reprendre"):
        form = CommissionForm.repris(request.POST, commission, request.user)
        membres: Any = formulaire_repris(request.user, commission, request.POST, cle)
        return _saisie(request, commission, form, membres, 200)
    nouvelle = commission.pk is None
    donnees = request.POST or None
    form = CommissionForm(donnees, instance=commission, user=request.user)
    membres = MembreFormSet(donnees, instance=commission, user=request.user)
    if donnees and all([form.is_valid(), membres.is_valid()]):
        with transaction.atomic():
            form.save()
            membres.save()
            form.reunir()
            recus = membres.donner_acces()
        if recus:
            noms = ", ".join(compte.nom_complet for compte in recus)
            messages.info(request, f"Accès aux commissions dont ils sont membres donné à : {noms}.")
        return redirect("certification:commission-candidats" if nouvelle else commission, commission.pk)
    return _saisie(request, commission, form, membres, 422 if donnees else 200)


def _saisie(
    request: Requete, commission: Commission, form: CommissionForm, membres: MembresFormSet, status: int
) -> HttpResponse:
    contexte = {
        "form": form,
        "membres": membres,
        "commission": commission,
        "donne_acces": MembresFormSet.ACCES in request.POST,
        "sources": sources(request.user, commission),
    }
    return render(request, "certification/seance/commission_form.html", contexte, status=status)


@requires(Action.FIGER)
@require_POST
def figement(request: Requete, pk: int) -> HttpResponse:
    commission = get_object_or_404(Commission.objects.for_user(request.user, Action.FIGER), pk=pk)
    choisi = "sans_presences" in request.POST
    try:
        bilan = figer_tous(commission.dossiers.vivants(), request.user, sans_presences=choisi)
    except ValidationError as refus:
        messages.error(request, " ".join(refus.messages))
        return redirect(commission)
    if bilan.figes:
        noms = ", ".join(lu.nom for lu in bilan.figes)
        messages.success(request, f"Dossiers figés : {noms}.")
    else:
        messages.warning(request, "Aucun dossier n’était prêt à être figé.")
    if bilan.laisses:
        noms = ", ".join(lu.nom for lu in bilan.laisses)
        messages.info(request, f"Restent ouverts : {noms}.")
    return redirect(commission)
