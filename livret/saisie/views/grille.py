from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from livret.evaluation.models import Mention
from livret.niveaux import touches_des_mentions
from livret.personnes.classes import peut_evaluer
from livret.personnes.photo import PhotoEleve
from livret.personnes.requete import Requete
from livret.saisie import table_html
from livret.saisie.enregistrement import CompteRendu, enregistrer, enregistrer_dans
from livret.saisie.forms.grille import CourrierRefuse, courrier_lu, gestes_lus
from livret.saisie.grille import GrilleDeSaisie
from livret.saisie.grille import grille as grille_de
from livret.saisie.phrase import phrases_de
from livret.saisie.rangees import GrilleAffichee, affichee, revisions_des_rangees
from livret.saisie.reponse import compte_rendu, phrase, reponse
from livret.situation.models.situation import Situation
from livret.situation.pages import passages, situation_ou_404
from livret.situation.tournee import tournee
from trpm.acces import requires
from trpm.permissions import Action

PLUS_LA = "Vous n’avez plus le droit d’évaluer cette situation, ou elle n’existe plus."


@requires(Action.VOIR_CLASSE)
def grille(request: Requete, pk: int) -> HttpResponseBase:
    if request.method == "POST":
        return grille_enregistrer(request, pk)
    revisions = revisions_des_rangees(pk)
    cadre = _cadre(request, situation_ou_404(request, Action.VOIR_CLASSE, pk))
    objet = affichee(cadre["situation"], cadre["tournee"], revisions, modifiable=cadre["modifiable"])
    return _page(request, cadre, objet, objet.rangees)


@requires(Action.EVALUER)
def grille_enregistrer(request: Requete, pk: int) -> HttpResponse:
    """Toute la grille d'un coup : les cases changées, les suggestions acceptées, les conflits tranchés."""
    situation = situation_ou_404(request, Action.EVALUER, pk)
    rendu = enregistrer(situation, gestes_lus(request.POST), request.user)
    if not rendu.complet:
        situation.refresh_from_db(fields=["etat"])
        return _refusee(request, situation, rendu)
    messages.success(request, phrase(rendu))
    return redirect(request.get_full_path())


@requires(Action.EVALUER)
@require_POST
def operations(request: Requete, pk: int) -> JsonResponse:
    """Des cases changées sur un appareil, dans l'ordre ; reçues deux fois, écrites une seule."""
    perimetre = request.user.perimetre(Action.EVALUER)
    try:
        corps = request.body if request.content_type == "application/json" else b""
        courrier = courrier_lu(corps, request.user.pk)
        rendu = enregistrer_dans(pk, perimetre, courrier.gestes, request.user)
    except CourrierRefuse as refus:
        get_object_or_404(Situation.objects.dans(perimetre), pk=pk)
        return JsonResponse({"faute": str(refus)}, status=refus.statut)
    except Situation.DoesNotExist:
        # Dit à son auteur seul : toute autre réponse laisse ses saisies attendre sur l'appareil.
        return JsonResponse({"personne": request.user.pk, "faute": PLUS_LA}, status=404)
    return JsonResponse(reponse(request, courrier, rendu))


def _refusee(request: Requete, situation: Situation, rendu: CompteRendu) -> HttpResponse:
    """La page où ce qui vient d'être tapé, refusé ou en conflit, reste à trancher."""
    cadre = _cadre(request, situation)
    parcours = cadre["tournee"]
    tapee = grille_de(situation, eleves=parcours.eleves(), refus=rendu.refus)
    objet = tapee.reduite(parcours.colonnes())
    photos = PhotoEleve.objects.adresses(situation.classe, [ligne.eleve.pk for ligne in objet.lignes])
    rangees = table_html.rangees(objet, modifiable=cadre["modifiable"], photos=photos)
    return _page(request, cadre, objet, rangees, **compte_rendu(objet, rendu))


def _cadre(request: Requete, situation: Situation) -> dict[str, Any]:
    """La situation, le poste et le tour demandés (`?poste=3&tour=2`), et si l'on y écrit."""
    try:
        parcours = tournee(situation, request.GET.get("poste", ""), request.GET.get("tour", "1"))
    except LookupError as faute:
        raise Http404(str(faute)) from None
    evaluateur = peut_evaluer(request.user, situation.classe)
    return {
        "situation": situation,
        "classe": situation.classe,
        "tournee": parcours,
        "evaluateur": evaluateur,
        "modifiable": evaluateur and situation.saisissable,
    }


def _page(
    request: Requete,
    cadre: dict[str, Any],
    objet: GrilleAffichee | GrilleDeSaisie,
    rangees: SafeString,
    **suite: Any,
) -> HttpResponse:
    contexte = cadre | {
        "grille": objet,
        "entetes": table_html.entetes(objet.groupes),
        "rangees": rangees,
        "passages": passages(cadre["situation"]),
        "mentions": Mention.choices,
        "touches_des_mentions": touches_des_mentions(objet.echelle.codes),
        "phrases": phrases_de(request.user.pk),
    }
    # La grille gardée sur l'appareil pour travailler sans réseau ne l'est que pour cette personne.
    page = render(request, "livret/saisie/grille.html", contexte | suite)
    page.headers["X-Personne"] = str(request.user.pk)
    return page
