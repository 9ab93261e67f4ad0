from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.eleve.avant import LIENS_DE_LA_TRACE, partager, referentiel_de_la_trace
from livret.eleve.forms.portfolio import PortfolioForm
from livret.eleve.pages import contexte_eleve, eleve_lu
from livret.evaluation.trace import Trace, TraceQuerySet
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action

CHOISIR = "modifiez-la et cochez ce qu’elle montre, pour qu’elle aille au dossier de l’épreuve."


@requires(Action.VOIR_LIVRET)
@transaction.atomic
def portfolio(request: Requete, pk: int) -> HttpResponse:
    """L'équipe lit ; l'élève ajoute."""
    action = Action.TENIR_LIVRET if request.method == "POST" else Action.VOIR_LIVRET
    candidat = eleve_lu(request, pk, action)
    contexte = contexte_eleve(request.user, candidat)
    if request.method == "POST":
        Eleve.objects.select_for_update(no_key=True).order_by().get(pk=pk)
    form = _form(request, contexte, Trace(auteur=request.user))
    if form.is_bound and form.is_valid():
        messages.success(request, f"« {form.save()} » est dans votre portfolio.")
        return redirect("livret:portfolio", pk)
    d_ici, d_avant = partager(traces_de(candidat, request), contexte["suivi"].avant, referentiel_de_la_trace)
    contexte |= {"onglet": "portfolio", "form": form, "traces": d_ici, "traces_avant": d_avant}
    contexte["retirees"] = retirees_de(candidat, request)
    return render(request, "livret/eleve/portfolio.html", contexte, status=422 if form.errors else 200)


def traces_de(candidat: Eleve, request: Requete) -> TraceQuerySet:
    """Ce que l'élève a déposé et ce que ses enseignants ont gardé de lui, du plus récent au plus ancien."""
    lisibles = Trace.objects.for_user(request.user, Action.VOIR_LIVRET).gardees().filter(eleve=candidat)
    liees = lisibles.select_related(*LIENS_DE_LA_TRACE)
    return liees.prefetch_related("competences").order_by("-creee_le", "-pk")


def retirees_de(candidat: Eleve, request: Requete) -> TraceQuerySet:
    """Ce que la personne peut encore effacer. Une requête."""
    retirees = Trace.objects.effacables(request.user).filter(eleve=candidat)
    return retirees.select_related("retiree_par").order_by("-retiree_le", "-pk")


def _form(request: Requete, contexte: dict[str, Any], trace: Trace) -> PortfolioForm:
    recu = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    codes = [une.ligne.code for une in contexte["suivi"].lignes]
    return PortfolioForm(*recu, instance=trace, eleve=contexte["eleve"], codes=codes)


@requires(Action.TENIR_LIVRET)
def portfolio_update(request: Requete, pk: int) -> HttpResponse:
    trace = _sienne(request, pk)
    contexte = contexte_eleve(request.user, eleve_lu(request, trace.eleve_id))
    form = _form(request, contexte, trace)
    if form.is_bound and form.is_valid():
        messages.success(request, f"« {form.save()} » est modifiée.")
        return redirect("livret:portfolio", trace.eleve_id)
    contexte |= {"onglet": "portfolio", "form": form, "trace": trace}
    return render(request, "livret/eleve/portfolio_form.html", contexte, status=422 if form.errors else 200)


@requires(Action.TENIR_LIVRET)
@require_POST
def portfolio_dossier(request: Requete, pk: int) -> HttpResponse:
    """L'élève choisit ce qui va au dossier."""
    trace = _sienne(request, pk)
    trace.au_dossier = "au_dossier" in request.POST
    trace.save()
    if trace.au_dossier and trace.sans_competence:
        messages.warning(request, f"« {trace} » ne montre encore aucune compétence : {CHOISIR}")
    else:
        issue = "ira dans votre dossier" if trace.au_dossier else "n’ira pas dans votre dossier"
        messages.success(request, f"« {trace} » {issue}.")
    return redirect("livret:portfolio", trace.eleve_id)


@requires(Action.TENIR_LIVRET)
@require_POST
def portfolio_retrait(request: Requete, pk: int) -> HttpResponse:
    trace = _sienne(request, pk)
    trace.retirer(request.user, timezone.now())
    messages.success(request, f"« {trace} » est retirée de votre portfolio.")
    return redirect("livret:portfolio", trace.eleve_id)


@requires(Action.EFFACER_TRACE)
@require_POST
def portfolio_effacer(request: Requete, pk: int) -> HttpResponse:
    """Efface pour toujours une trace retirée, fichier compris."""
    trace = get_object_or_404(Trace.objects.effacables(request.user), pk=pk)
    nom, eleve = str(trace), trace.eleve_id
    try:
        trace.effacer()
    except ValidationError as refus:
        messages.error(request, refus.message)
    else:
        messages.success(request, f"« {nom} » est effacée.")
    return redirect("livret:portfolio", eleve)


def _sienne(request: Requete, pk: int) -> Trace:
    lui = Eleve.objects.for_user(request.user, Action.TENIR_LIVRET)
    siennes = Trace.objects.gardees().filter(eleve__in=lui, origine=Trace.Origine.ELEVE)
    return get_object_or_404(siennes.select_related("eleve"), pk=pk)
