"""La fiche d'un élève dans une situation : ses remarques case par case et ses preuves."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.evaluation.trace import Trace
from livret.personnes.classes import peut_evaluer
from livret.personnes.requete import Requete
from livret.saisie import table_html
from livret.saisie.forms.trace import TraceForm
from livret.saisie.grille import GrilleDeSaisie
from livret.saisie.grille import grille as grille_de
from livret.saisie.historique import historique
from livret.saisie.preuves import preuves_par_case
from livret.situation.models.situation import Situation
from livret.situation.pages import situations
from trpm.acces import requires
from trpm.impression.documents import telechargement
from trpm.permissions import Action

FERMEE = "On n’ajoute et ne retire une preuve que dans une situation ouverte ou publiée."


@requires(Action.VOIR_CLASSE)
def trace_create(request: Requete, pk: int, eleve: int) -> HttpResponseBase:
    if request.method == "POST":
        return trace_ajouter(request, pk, eleve)
    situation = get_object_or_404(situations(request, Action.VOIR_CLASSE), pk=pk)
    return _page(request, _grille(situation, eleve), request.GET.get("case", ""))


@requires(Action.EVALUER)
@transaction.atomic
def trace_ajouter(request: Requete, pk: int, eleve: int) -> HttpResponse:
    verrouillee = situations(request, Action.EVALUER).verrouillees()
    grille = _grille(get_object_or_404(verrouillee, pk=pk), eleve)
    vue = request.POST.get("vue", "")
    form = TraceForm(request.POST, request.FILES, grille=grille)
    form.instance.auteur, form.instance.origine = request.user, Trace.Origine.ENSEIGNANT
    if not grille.situation.saisissable:
        form.add_error(None, FERMEE)
    if not form.is_valid():
        return _page(request, grille, vue, form)
    form.save()
    return _suite(request, grille.situation, eleve, vue, "La preuve est ajoutée.")


@requires(Action.VOIR_LIVRET)
def trace(request: Requete, pk: int) -> HttpResponse:
    """Une image redessinée par le serveur s'affiche ; tout autre fichier s'enregistre."""
    objet = get_object_or_404(_lisibles(request).exclude(fichier=""), pk=pk)
    with objet.fichier.open() as fichier:
        return telechargement(fichier.read(), objet.nom, objet.type_mime, affichable=objet.est_image)


@requires(Action.VOIR_LIVRET)
def trace_miniature(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(_lisibles(request).exclude(miniature=""), pk=pk)
    with objet.miniature.open() as fichier:
        return telechargement(fichier.read(), f"Aperçu {objet.nom}", "image/jpeg", affichable=True)


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def trace_dossier(request: Requete, pk: int) -> HttpResponse:
    """Choisir ce qui s'imprime reste possible une fois la situation close, comme la retenir."""
    objet = get_object_or_404(_modifiables(request).gardees(), pk=pk)
    objet.au_dossier = "au_dossier" in request.POST
    objet.save()
    issue = "s’imprimera" if objet.au_dossier else "ne s’imprimera pas"
    return _suite_de(request, objet, f"« {objet} » {issue} dans le dossier de l’épreuve.")


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def trace_retrait(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(_modifiables(request).gardees(), pk=pk)
    if objet.situation and not objet.situation.saisissable:
        return _suite_de(request, objet, FERMEE, messages.ERROR)
    objet.retirer(request.user, timezone.now())
    return _suite_de(request, objet, f"« {objet} » est retirée de la fiche.")


def _lisibles(request: Requete) -> Any:
    return Trace.objects.for_user(request.user, Action.VOIR_LIVRET)


def _modifiables(request: Requete) -> Any:
    traces = Trace.objects.for_user(request.user, Action.EVALUER)
    return traces.select_related("situation__classe__promotion").select_for_update(of=("self",))


def _grille(situation: Situation, eleve: int) -> GrilleDeSaisie:
    """La grille réduite à cet élève ; 404 s'il n'y est pas."""
    get_object_or_404(situation.eleves(), pk=eleve)
    return grille_de(situation, eleves=[eleve])


def _suite_de(request: Requete, objet: Trace, phrase: str, niveau: int = messages.SUCCESS) -> HttpResponse:
    situation = get_object_or_404(situations(request, Action.EVALUER), pk=objet.situation_id)
    return _suite(request, situation, objet.eleve_id, request.POST.get("vue", ""), phrase, niveau)


def _suite(
    request: Requete, situation: Situation, eleve: int, vue: str, phrase: str, niveau: int = messages.SUCCESS
) -> HttpResponse:
    """Dans la grille, les preuves de la case se redessinent ; ailleurs, on revient à la fiche."""
    if request.htmx:
        return _page(request, _grille(situation, eleve), vue, phrase=phrase)
    messages.add_message(request, niveau, phrase)
    return redirect("livret:trace-create", situation.pk, eleve)


def _page(
    request: Requete, grille: GrilleDeSaisie, vue: str, form: TraceForm | None = None, phrase: str = ""
) -> HttpResponse:
    """Toute la fiche, ou, pour la grille, les seules preuves de la case `vue` (vide : la fiche)."""
    (ligne,), situation = grille.lignes, grille.situation
    evaluateur = peut_evaluer(request.user, situation.classe)
    cases = preuves_par_case(grille)
    choisie = next((une for une in cases if une.cle == vue), cases[0])
    contexte = {
        "situation": situation,
        "classe": situation.classe,
        "grille": grille,
        "eleve": ligne.eleve,
        "vue": vue,
        "case": choisie,
        "changements": historique(situation, choisie.case.adresse),
        "signe": table_html.signe(choisie.case, situation.pk),
        "cases": cases,
        "form": form or TraceForm(grille=grille, initial={"case": vue}),
        "phrase": phrase,
        "evaluateur": evaluateur,
        "modifiable": evaluateur and situation.saisissable,
    }
    gabarit = "_preuves_de_la_case" if request.htmx else "trace_form"
    return render(request, f"livret/saisie/{gabarit}.html", contexte)
