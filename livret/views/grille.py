from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from livret.forms.grille import geste_lu, gestes_lus
from livret.grille import Grille
from livret.grille import grille as grille_de
from livret.models import Situation
from livret.models.evaluation import Mention
from livret.saisie import CompteRendu, enregistrer
from livret.views.classe import peut_evaluer
from livret.views.requete import Requete
from livret.views.situation import passages, situations
from trpm.acces import requires
from trpm.permissions import Action

HEURE = "G\xa0\\h\xa0i"


@requires(Action.VOIR_CLASSE)
def grille(request: Requete, pk: int) -> HttpResponseBase:
    if request.method == "POST":
        return grille_enregistrer(request, pk)
    situation = get_object_or_404(situations(request, Action.VOIR_CLASSE), pk=pk)
    return _page(request, situation)


@requires(Action.EVALUER)
def grille_enregistrer(request: Requete, pk: int) -> HttpResponse:
    """Toute la grille d'un coup : les cases changées, les suggestions acceptées, les conflits tranchés."""
    situation = get_object_or_404(situations(request, Action.EVALUER), pk=pk)
    rendu = enregistrer(situation, gestes_lus(request.POST), request.user)
    if not rendu.complet:
        situation.refresh_from_db(fields=["etat"])
        return _page(request, situation, rendu)
    messages.success(request, phrase(rendu))
    return redirect("livret:grille", pk=pk)


@requires(Action.EVALUER)
@require_POST
def cellule(request: Requete, pk: int) -> HttpResponse:
    """Une case seule, dès qu'elle change."""
    situation = get_object_or_404(situations(request, Action.EVALUER), pk=pk)
    geste = geste_lu(request.POST)
    if geste is None:
        return HttpResponse("Cette case n’existe pas.", status=400, content_type="text/plain; charset=utf-8")
    rendu = enregistrer(situation, [geste], request.user)
    if not request.htmx:
        return redirect("livret:grille", pk=pk) if rendu.complet else _page(request, situation, rendu)
    objet = grille_de(situation, eleve=geste.case.eleve, refus=rendu.refus)
    case = objet.cases.get(geste.case)
    contexte = {"case": case, "modifiable": True, "voisine": case and objet.competence_de(case)}
    return render(request, "livret/_cellule.html", contexte | _compte_rendu(objet, rendu))


def _page(request: Requete, situation: Situation, rendu: CompteRendu | None = None) -> HttpResponse:
    objet = grille_de(situation, refus=rendu.refus if rendu else ())
    evaluateur = peut_evaluer(request.user, situation.classe)
    contexte = {
        "situation": situation,
        "classe": situation.classe,
        "grille": objet,
        "evaluateur": evaluateur,
        "modifiable": evaluateur and situation.saisissable,
        "passages": passages(situation),
        "mentions": Mention.choices,
    }
    return render(request, "livret/grille.html", contexte | (_compte_rendu(objet, rendu) if rendu else {}))


def _compte_rendu(grille: Grille, rendu: CompteRendu) -> dict[str, Any]:
    return {
        "refus": [(grille.nom(refus.geste.case), refus) for refus in rendu.refus],
        "conflits": [(grille.nom(conflit.geste.case), conflit) for conflit in rendu.conflits],
        "etat_de_saisie": phrase(rendu),
    }


def phrase(rendu: CompteRendu) -> str:
    """« 3 cases enregistrées à 10 h 42 », ou ce qu'il en est sinon."""
    nombre = len(rendu.enregistres)
    if not nombre:
        return "Rien n’avait changé." if rendu.complet else "Rien n’a été enregistré."
    accord = "s" if nombre > 1 else ""
    heure = date_format(timezone.localtime(rendu.le), HEURE)
    return f"{nombre} case{accord} enregistrée{accord} à {heure}."
