from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from livret.forms.grille import geste_lu, gestes_lus
from livret.grille import grille as grille_de
from livret.models import Situation
from livret.saisie import DETAILLEE, CompteRendu, enregistrer
from livret.views.classe import peut_evaluer
from livret.views.situation import passages, situations
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.VOIR_CLASSE)
def grille(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        return grille_enregistrer(request, pk)
    situation = get_object_or_404(situations(request, Action.VOIR_CLASSE), pk=pk)
    return _page(request, situation)


@requires(Action.EVALUER)
def grille_enregistrer(request: HttpRequest, pk: int) -> HttpResponse:
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
def cellule(request: HttpRequest, pk: int) -> HttpResponse:
    """Une case seule, dès qu'elle change."""
    situation = get_object_or_404(situations(request, Action.EVALUER), pk=pk)
    geste = geste_lu(request.POST)
    if geste is None:
        return HttpResponse("Cette case n’existe pas.", status=400, content_type="text/plain; charset=utf-8")
    rendu = enregistrer(situation, [geste], request.user)
    if not request.htmx:
        return _page(request, situation, rendu) if not rendu.complet else redirect("livret:grille", pk=pk)
    objet = grille_de(situation, eleve=geste.case.eleve, refus=rendu.refus)
    contexte = {
        "grille": objet,
        "case": objet.cases.get(geste.case),
        "voisine": _competence_de(objet, geste.case) if geste.case.genre == DETAILLEE else None,
        "rendu": rendu,
        "etat_de_saisie": phrase(rendu),
        "modifiable": situation.saisissable,
    }
    return render(request, "livret/_cellule.html", contexte)


def _competence_de(objet, adresse):
    """Case de la compétence dont on vient de toucher un détail : sa suggestion a pu changer."""
    groupe = next(
        (un for un in objet.groupes if any(colonne.pk == adresse.item for colonne in un.detaillees)), None
    )
    cases = objet.lignes[0].cases if groupe and objet.lignes else ()
    return next((case for case in cases if case.colonne == groupe.competence), None)


def _page(request: HttpRequest, situation: Situation, rendu: CompteRendu | None = None) -> HttpResponse:
    contexte = {
        "situation": situation,
        "classe": situation.classe,
        "grille": grille_de(situation, refus=rendu.refus if rendu else ()),
        "rendu": rendu,
        "etat_de_saisie": phrase(rendu) if rendu else "",
        "modifiable": situation.saisissable and peut_evaluer(request.user, situation.classe),
        "evaluateur": peut_evaluer(request.user, situation.classe),
        "passages": passages(situation),
    }
    return render(request, "livret/grille.html", contexte)


def phrase(rendu: CompteRendu) -> str:
    """« 3 cases enregistrées à 10 h 42 », ou ce qui ne l'a pas été."""
    heure = date_format(timezone.localtime(rendu.le), r"G \h i")
    nombre = len(rendu.enregistres)
    if nombre == 0 and rendu.complet:
        return "Rien n’avait changé."
    enregistrees = (
        "1 case enregistrée"
        if nombre == 1
        else f"{nombre or 'Aucune'} case{'s' * (nombre > 1)} enregistrée{'s' * (nombre > 1)}"
    )
    return f"{enregistrees} à {heure}."
