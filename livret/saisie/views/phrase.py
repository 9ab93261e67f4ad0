"""La banque de phrases : personnelle, chacun ne voit et ne change que les siennes."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from livret.personnes.requete import Requete
from livret.saisie.forms.phrase import PhraseForm
from livret.saisie.phrase import Phrase
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.EVALUER)
def phrases(request: Requete) -> HttpResponse:
    """La page, ou, depuis une grille, la liste où choisir."""
    form = PhraseForm(request.POST or None, auteur=request.user)
    if request.method == "POST" and form.is_valid():
        phrase = form.save()
        if not request.htmx:
            messages.success(request, f"« {phrase} » est dans votre banque.")
            return redirect("livret:phrases")
    contexte = {"phrases": Phrase.objects.for_user(request.user), "form": form}
    return render(
        request, "livret/saisie/_phrases.html" if request.htmx else "livret/saisie/phrases.html", contexte
    )


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def phrase(request: Requete, pk: int) -> HttpResponse:
    """Corriger, monter ou supprimer une phrase, selon le bouton."""
    objet = get_object_or_404(Phrase.objects.for_user(request.user).select_for_update(), pk=pk)
    geste = request.POST.get("geste", "")
    if geste == "supprimer":
        objet.delete()
    elif geste == "monter":
        objet.monter()
    else:
        form = PhraseForm(request.POST, instance=objet, auteur=request.user)
        if not form.is_valid():
            messages.error(
                request, " ".join(str(faute) for fautes in form.errors.values() for faute in fautes)
            )
            return redirect("livret:phrases")
        form.save()
        messages.success(request, "La phrase est corrigée.")
    return redirect("livret:phrases")
