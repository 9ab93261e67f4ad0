from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.forms.autoevaluation import AutoEvaluationForm
from livret.eleve.pages import contexte_eleve, eleve_lu
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete, saisie
from livret.situation.models.situation import Situation, SituationQuerySet
from trpm.acces import requires
from trpm.dates import heure_dite
from trpm.permissions import Action
from trpm.textes import entier


@requires(Action.TENIR_LIVRET)
def autoevaluation(request: Requete, pk: int) -> HttpResponse:
    """Sur tout le référentiel aujourd'hui, ou sur la situation publiée que nomme l'adresse."""
    candidat = eleve_lu(request, pk, Action.TENIR_LIVRET)
    vecues = _vecues(candidat)
    situation = _choisie(vecues, request.GET.get("situation", ""))
    contexte = contexte_eleve(request.user, candidat)
    form = AutoEvaluationForm(
        saisie(request),
        eleve=candidat,
        suivi=contexte["suivi"],
        date=timezone.localdate(),
        situation=situation,
    )
    if request.method == "POST" and (form.is_valid() or form.cleaned_data):
        form.save()
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return _reponse(form)
    if form.is_bound and form.is_valid():
        messages.success(request, "Votre auto-évaluation est enregistrée. Vos enseignants la voient.")
        return redirect("livret:eleve", pk)
    return _page(request, contexte | {"form": form, "situation": situation, "situations": vecues})


def _page(request: Requete, contexte: dict[str, Any]) -> HttpResponse:
    siennes = AutoEvaluation.objects.filter(eleve=contexte["eleve"], situation=None)
    contexte |= {"onglet": "autoevaluation", "dates": siennes.dates("date", "day", "DESC")}
    statut = 422 if contexte["form"].errors else 200
    return render(request, "livret/eleve/autoevaluation.html", contexte, status=statut)


def _choisie(vecues: SituationQuerySet, nommee: str) -> Situation | None:
    """La situation que nomme l'adresse ; 404 si elle n'est pas de celles-là."""
    return get_object_or_404(vecues, pk=entier(nommee) or 0) if nommee else None


def _vecues(candidat: Eleve) -> SituationQuerySet:
    """Situations publiées où l'élève a été évalué sous son référentiel, les plus récentes d'abord."""
    evaluees = candidat.evaluations.filter(competence__referentiel=candidat.promotion.referentiel_id)
    siennes = Situation.objects.visibles().filter(pk__in=evaluees.values("situation"))
    return siennes.order_by("-fin", "-pk")


def _reponse(form: AutoEvaluationForm) -> JsonResponse:
    """Ce que l'appareil affiche : l'heure de l'enregistrement, et ce qui n'a pas pu l'être."""
    refus = {nom: " ".join(map(str, fautes)) for nom, fautes in form.errors.items()}
    heure = heure_dite(timezone.now())
    return JsonResponse(
        {"heure": heure, "repondues": form.repondues, "refus": refus}, status=422 if refus else 200
    )
