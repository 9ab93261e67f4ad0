"""« Ce qu'il me reste à prouver », et la demande que l'élève en tire."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.eleve.pages import contexte_eleve, eleves_lus
from livret.eleve.suivi import SuiviEleve
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from livret.situation.models.demande import REPONSE_MAX, Demande
from trpm.acces import requires
from trpm.permissions import Action
from trpm.textes import ancre


@requires(Action.VOIR_LIVRET)
def a_prouver(request: Requete, pk: int) -> HttpResponse:
    candidat = get_object_or_404(eleves_lus(request), pk=pk)
    contexte = contexte_eleve(request.user, candidat)
    contexte |= {"onglet": "a-prouver", "blocs": _blocs(candidat, contexte["suivi"])}
    return render(request, "livret/eleve/a_prouver.html", contexte)


def _blocs(candidat: Eleve, tenu: SuiviEleve) -> list[tuple[Any, list[tuple[Any, Demande | None]]]]:
    """Par bloc, ce qui reste à prouver et la dernière demande faite là-dessus. Une requête."""
    siennes = candidat.demandes.filter(competence__referentiel=candidat.promotion.referentiel_id)
    faites = siennes.select_related("competence", "traitee_par", "situation")
    demandes = {demande.competence.code: demande for demande in faites}
    return [(bloc, [(une, demandes.get(une.ligne.code)) for une in bloc.a_prouver]) for bloc in tenu.blocs]


@requires(Action.TENIR_LIVRET)
@require_POST
def demande_create(request: Requete, pk: int) -> HttpResponse:
    candidat = get_object_or_404(eleves_lus(request, Action.TENIR_LIVRET), pk=pk)
    tenu: SuiviEleve = contexte_eleve(request.user, candidat)["suivi"]
    code = request.POST.get("competence", "")
    if tenu.classe is None or code not in {une.ligne.code for une in tenu.lignes}:
        messages.error(request, "Cette compétence n’est pas dans votre livret.")
        return redirect("livret:a-prouver", pk)
    competence = candidat.promotion.referentiel.competences.get(code=code)
    _, faite = Demande.objects.get_or_create(
        eleve=candidat, competence=competence, traitee_le=None, defaults={"classe": tenu.classe}
    )
    if faite:
        messages.success(request, f"Demande envoyée pour {code} : vos enseignants la voient.")
    else:
        messages.warning(request, f"Vous avez déjà demandé une évaluation sur {code}.")
    return redirect(reverse("livret:a-prouver", args=[pk]) + f"#{ancre(code)}")


@requires(Action.TENIR_LIVRET)
@require_POST
def demande_delete(request: Requete, pk: int) -> HttpResponse:
    demandes = Demande.objects.for_user(request.user, Action.TENIR_LIVRET).select_related("competence")
    demande = get_object_or_404(demandes, pk=pk)
    if demande.traitee_le is None:
        demande.delete()
        messages.success(request, f"Votre demande pour {demande.competence.code} est retirée.")
    else:
        messages.warning(request, "Cette demande a déjà reçu sa réponse : elle reste dans votre livret.")
    return redirect("livret:a-prouver", demande.eleve_id)


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def demande_repondre(request: Requete, pk: int) -> HttpResponse:
    demandes = Demande.objects.for_user(request.user, Action.EVALUER).select_for_update(of=("self",))
    demande = get_object_or_404(demandes.select_related("eleve", "competence", "classe"), pk=pk)
    reponse = request.POST.get("reponse", "").strip()
    if demande.traitee_le is not None:
        messages.warning(request, f"Un collègue a déjà répondu à {demande.eleve.nom_complet}.")
    elif not reponse:
        messages.error(request, f"Écrivez quelques mots à {demande.eleve.nom_complet}, ou évaluez-le.")
    else:
        _repondre(request, demande, reponse)
    return redirect(reverse("livret:classe", args=[demande.classe_id]) + "#demandes")


def _repondre(request: Requete, demande: Demande, reponse: str) -> None:
    try:
        demande.traiter(request.user, timezone.now(), reponse)
    except ValidationError:
        messages.error(
            request,
            f"Votre réponse compte {len(reponse)} caractères : {REPONSE_MAX} au plus. Rien n’a été envoyé : "
            f"« {reponse} »",
        )
    else:
        messages.success(request, f"{demande.eleve.nom_complet} lira votre réponse.")
