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

from livret.eleve.pages import contexte_eleve, eleve_lu
from livret.eleve.suivi import SuiviEleve
from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from livret.situation.models.demande import REPONSE_MAX, Demande
from referentiel.models import Competence
from trpm.acces import requires
from trpm.permissions import Action
from trpm.textes import ancre


@requires(Action.VOIR_LIVRET)
def a_prouver(request: Requete, pk: int) -> HttpResponse:
    candidat = eleve_lu(request, pk)
    contexte = contexte_eleve(request.user, candidat)
    faites = candidat.demandes.avec_evaluation().select_related("competence", "traitee_par", "situation")
    demandes = list(faites.order_by("-creee_le", "-pk"))
    contexte |= {
        "onglet": "a-prouver",
        "blocs": _blocs(demandes, contexte["suivi"]),
        "demandes": demandes,
    }
    return render(request, "livret/eleve/a_prouver.html", contexte)


def _blocs(demandes: list[Demande], tenu: SuiviEleve) -> list[tuple[Any, list[tuple[Any, bool]]]]:
    """Par bloc, ce qui reste à prouver, et si une demande l'attend déjà."""
    ici = tenu.eleve.promotion.referentiel_id
    d_ici = [une for une in demandes if une.competence.referentiel_id == ici]
    attendues = {une.competence.code for une in d_ici if not (une.traitee_le or une.evaluee_dans)}  # type: ignore[attr-defined]
    return [(bloc, [(une, une.ligne.code in attendues) for une in bloc.a_prouver]) for bloc in tenu.blocs]


@requires(Action.TENIR_LIVRET)
@require_POST
def demande_create(request: Requete, pk: int) -> HttpResponse:
    candidat = eleve_lu(request, pk, Action.TENIR_LIVRET)
    tenu: SuiviEleve = contexte_eleve(request.user, candidat)["suivi"]
    code = request.POST.get("competence", "")
    if tenu.classe is None or code not in {une.ligne.code for une in tenu.lignes}:
        messages.error(request, "Cette compétence n’est pas dans votre livret.")
        return redirect("livret:a-prouver", pk)
    competence = candidat.promotion.referentiel.competences.get(code=code)
    if _demander(candidat, competence, tenu.classe):
        messages.success(request, f"Demande envoyée pour {code} : vos enseignants la voient.")
    else:
        messages.warning(request, f"Vous avez déjà demandé une évaluation sur {code}.")
    return redirect(reverse("livret:a-prouver", args=[pk]) + f"#{ancre(code)}")


@transaction.atomic
def _demander(candidat: Eleve, competence: Competence, classe: Classe) -> bool:
    """Faux si une demande y attend déjà ; une demande évaluée depuis est close et laisse place à l'autre."""
    cle = {"eleve": candidat, "competence": competence, "traitee_le": None}
    demande, faite = Demande.objects.get_or_create(**cle, defaults={"classe": classe})
    if not faite and demande.evaluer(timezone.now()):
        _, faite = Demande.objects.get_or_create(**cle, defaults={"classe": classe})
    return faite


@requires(Action.TENIR_LIVRET)
@require_POST
def demande_delete(request: Requete, pk: int) -> HttpResponse:
    demandes = Demande.objects.for_user(request.user, Action.TENIR_LIVRET).select_related("competence")
    demande = get_object_or_404(demandes, pk=pk)
    if demande.traitee_le is None and not demande.evaluer(timezone.now()):
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
