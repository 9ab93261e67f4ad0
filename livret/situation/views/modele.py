from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.personnes.models.classe import Classe
from livret.personnes.requete import Requete
from livret.situation.models.modele import ModeleSituation
from livret.situation.pages import destinations, situations
from livret.situation.visees import groupes_vises
from trpm.acces import requires
from trpm.permissions import Action


def bibliotheque(request: Requete) -> QuerySet[ModeleSituation]:
    return ModeleSituation.objects.for_user(request.user, Action.EVALUER).select_related(
        "auteur", "etablissement", "referentiel"
    )


@requires(Action.EVALUER)
def modeles(request: Requete) -> HttpResponse:
    """La bibliothèque ; venue d'une classe, elle ne montre que ce qui peut y servir."""
    trouves = bibliotheque(request).cherche(request.GET.get("q", ""))  # type: ignore[attr-defined]
    classe = _classe(request)
    if classe:
        trouves = trouves.filter(
            etablissement=classe.etablissement_id, referentiel=classe.promotion.referentiel_id
        )
    tous = list(trouves.prefetch_related("competences"))
    contexte = {
        "classe": classe,
        "recherche": request.GET.get("q", ""),
        "modeles": [modele for modele in tous if modele.retire_le is None],
        "retires": [modele for modele in tous if modele.retire_le],
    }
    return render(request, "livret/situation/modeles.html", contexte)


def _classe(request: Requete) -> Classe | None:
    if not (pk := request.GET.get("classe")):
        return None
    evaluees = Classe.objects.for_user(request.user, Action.EVALUER).select_related("promotion")
    return get_object_or_404(evaluees, pk=pk if pk.isdecimal() else 0)


@requires(Action.EVALUER)
def modele(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(bibliotheque(request), pk=pk)
    contexte = {
        "modele": objet,
        "taches": objet.taches.all(),
        "groupes": groupes_vises(objet),
        "postes": objet.postes.prefetch_related("detaillees"),
        "classes": destinations(request, objet.referentiel_id).filter(etablissement=objet.etablissement_id),
        "reprise": f"modele={pk}",
    }
    return render(request, "livret/situation/modele.html", contexte)


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def modele_create(request: Requete, pk: int) -> HttpResponse:
    """Partage la situation : une copie, que la situation n'engage plus."""
    situation = get_object_or_404(situations(request, Action.EVALUER), pk=pk)
    try:
        objet = ModeleSituation.depuis(situation, request.user)
    except ValidationError as faute:
        messages.error(request, " ".join(faute.messages))
        return redirect(situation)
    messages.success(request, f"« {objet} » est dans la bibliothèque de l’établissement.")
    return redirect(objet)


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def modele_retrait(request: Requete, pk: int) -> HttpResponse:
    """Retire le modèle de la bibliothèque, ou l'y remet."""
    objet = get_object_or_404(bibliotheque(request), pk=pk)
    try:
        if "remettre" in request.POST:
            objet.remettre()
        else:
            objet.retirer(timezone.now())
    except ValidationError as faute:
        messages.error(request, " ".join(faute.messages))
    else:
        suite = "n’est plus proposé" if objet.retire_le else "est de nouveau proposé"
        messages.success(request, f"« {objet} » {suite} dans la bibliothèque.")
    return redirect(objet)
