from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from livret.personnes.requete import Requete
from livret.situation.forms.piece import PieceForm
from livret.situation.models.piece import PieceJointe
from livret.situation.models.situation import Situation
from livret.situation.pages import CLOSE, page_situation, situations
from trpm.acces import requires
from trpm.impression.documents import telechargement
from trpm.permissions import Action


@requires(Action.VOIR_CLASSE)
def piece(request: Requete, pk: int) -> HttpResponse:
    """Le fichier, toujours à enregistrer : le navigateur ne l'affiche ni ne l'exécute."""
    objet = get_object_or_404(PieceJointe.objects.for_user(request.user, Action.VOIR_CLASSE), pk=pk)
    with objet.fichier.open() as fichier:
        return telechargement(fichier.read(), objet.nom, objet.type_mime)


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def piece_create(request: Requete, pk: int) -> HttpResponse:
    situation = get_object_or_404(situations(request, Action.EVALUER).verrouillees(), pk=pk)
    if situation.etat == Situation.Etat.CLOSE:
        messages.error(request, CLOSE)
        return redirect(situation)
    form = PieceForm(request.POST, request.FILES, situation=situation, auteur=request.user)
    if not form.is_valid():
        return page_situation(request, situation, piece_form=form)
    messages.success(request, f"« {form.save()} » est jointe à la situation.")
    return redirect(situation)


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def piece_delete(request: Requete, pk: int) -> HttpResponse:
    pieces = PieceJointe.objects.for_user(request.user, Action.EVALUER).select_related("situation")
    objet = get_object_or_404(pieces, pk=pk)
    if objet.situation.etat == Situation.Etat.CLOSE:
        messages.error(request, CLOSE)
    else:
        objet.delete()
        messages.success(request, f"« {objet} » est retirée de la situation.")
    return redirect(objet.situation)
