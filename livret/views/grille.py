from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from livret.forms.grille import courrier_lu, gestes_lus
from livret.grille import grille as grille_de
from livret.models import Situation
from livret.models.evaluation import Mention
from livret.saisie import CompteRendu, enregistrer
from livret.views.classe import peut_evaluer
from livret.views.operations import compte_rendu, phrase, reponse
from livret.views.requete import Requete
from livret.views.situation import passages, situations
from trpm.acces import requires
from trpm.permissions import Action


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
def operations(request: Requete, pk: int) -> JsonResponse:
    """Des cases changées sur un appareil, dans l'ordre ; reçues deux fois, écrites une seule."""
    situation = get_object_or_404(situations(request, Action.EVALUER), pk=pk)
    try:
        courrier = courrier_lu(request.body)
    except ValueError:
        return JsonResponse({"faute": "Ces saisies sont illisibles."}, status=400)
    if courrier.personne != request.user.pk:
        return JsonResponse({"faute": "Ces saisies ont été faites par une autre personne."}, status=409)
    rendu = enregistrer(situation, courrier.gestes, request.user)
    situation.refresh_from_db(fields=["etat"])
    return JsonResponse(reponse(request, situation, courrier, rendu))


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
    contexte |= compte_rendu(objet, rendu) if rendu else {}
    # La grille gardée sur l'appareil pour travailler sans réseau ne l'est que pour cette personne.
    page = render(request, "livret/grille.html", contexte)
    page.headers["X-Personne"] = str(request.user.pk)
    return page
