from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from certification.dossier.figement import figer, rouvrir
from certification.dossier.forms import (
    AcceptationForm,
    DecisionForm,
    FormulaireDossier,
    ObservationsForm,
    PropositionForm,
    ReouvertureForm,
    SituationForm,
)
from certification.dossier.models import Dossier
from certification.dossier.resultats import DossierLu, dossier_lu
from livret.models import Eleve
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action
from trpm.voisins import voisins


@requires(Action.VOIR_COMMISSION)
def detail(request: Requete, pk: int) -> HttpResponse:
    dossiers = Dossier.objects.for_user(request.user, Action.VOIR_COMMISSION)
    return _page(request, dossier_lu(get_object_or_404(dossiers, pk=pk)))


@requires(Action.POSITIONNER)
@require_POST
@transaction.atomic
def decision(request: Requete, pk: int, code: str) -> HttpResponse:
    lu = _verrouille(request, pk, Action.POSITIONNER)
    ligne = lu.grille.ligne(code)
    if ligne is None:
        raise Http404
    form = DecisionForm(lu, ligne, request.POST)
    if not form.is_valid():
        return _reponse_ligne(request, lu, form)
    form.save(request.user)
    if not request.htmx:
        return redirect(f"{lu.dossier.get_absolute_url()}#{code}")
    return _reponse_ligne(request, dossier_lu(lu.dossier), None, code)


@requires(Action.POSITIONNER)
@require_POST
@transaction.atomic
def acceptation(request: Requete, pk: int) -> HttpResponse:
    lu = _verrouille(request, pk, Action.POSITIONNER)
    form = AcceptationForm(lu, request.POST)
    if not form.is_valid():
        return _page(request, lu, {"acceptation": form}, status=form.statut)
    form.save(request.user)
    return redirect(lu.dossier)


@requires(Action.POSITIONNER)
@require_POST
@transaction.atomic
def proposition(request: Requete, pk: int) -> HttpResponse:
    lu = _verrouille(request, pk, Action.POSITIONNER)
    return _enregistrer(request, lu, "proposition", PropositionForm(lu, request.POST))


@requires(Action.POSITIONNER)
@require_POST
@transaction.atomic
def observations(request: Requete, pk: int) -> HttpResponse:
    lu = _verrouille(request, pk, Action.POSITIONNER)
    return _enregistrer(request, lu, "observations", ObservationsForm(lu, request.POST))


@requires(Action.POSITIONNER, Action.PREPARER_COMMISSION)
@require_POST
@transaction.atomic
def situation(request: Requete, pk: int) -> HttpResponse:
    lu = _verrouille(request, pk, Action.POSITIONNER, Action.PREPARER_COMMISSION)
    return _enregistrer(request, lu, "situation", SituationForm(lu, request.POST))


@requires(Action.FIGER)
@require_POST
def figement(request: Requete, pk: int) -> HttpResponse:
    dossier = get_object_or_404(Dossier.objects.for_user(request.user, Action.FIGER), pk=pk)
    try:
        version = figer(dossier, request.user)
    except ValidationError as refus:
        return _page(request, dossier_lu(dossier), refus=refus.messages, status=409)
    messages.success(request, f"Dossier figé, version {version.numero}.")
    return redirect(dossier)


@requires(Action.FIGER)
@require_POST
def reouverture(request: Requete, pk: int) -> HttpResponse:
    dossier = get_object_or_404(Dossier.objects.for_user(request.user, Action.FIGER), pk=pk)
    form = ReouvertureForm(request.POST)
    if not form.is_valid():
        return _page(request, dossier_lu(dossier), reouverture=form, status=422)
    try:
        version = rouvrir(dossier, form.cleaned_data["motif"], request.user)
    except ValidationError as refus:
        return _page(request, dossier_lu(dossier), refus=refus.messages, status=409)
    messages.success(request, f"Dossier rouvert ; la version {version.numero} reste consultable.")
    return redirect(dossier)


# --- communs ----------------------------------------------------------------------------------


def _verrouille(request: Requete, pk: int, *actions: Action) -> DossierLu:
    """Le dossier, sous verrou jusqu'à la fin de la transaction : ce qu'on y lit vaut encore à l'écriture."""
    for action in actions:
        dossiers = Dossier.objects.for_user(request.user, action).filter(pk=pk)
        if dossier := dossiers.select_for_update(of=("self",)).first():
            return dossier_lu(dossier)
    raise Http404


def _enregistrer(
    request: Requete, lu: DossierLu, nom: str, form: PropositionForm | ObservationsForm | SituationForm
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, lu, {nom: form}, status=form.statut)
    form.save()
    messages.success(request, "Enregistré.")
    return redirect(lu.dossier)


def _lignes(lu: DossierLu, fautif: DecisionForm | None = None) -> list[tuple[Any, DecisionForm]]:
    """Chaque ligne de la grille et son formulaire ; celui qui a été refusé garde ce qui a été tapé."""
    return [
        (ligne, fautif if fautif and fautif.ligne.code == ligne.code else DecisionForm(lu, ligne))
        for ligne in lu.grille.lignes
    ]


def _reponse_ligne(
    request: Requete, lu: DossierLu, fautif: DecisionForm | None, code: str = ""
) -> HttpResponse:
    status = fautif.statut if fautif else 200
    if fautif:
        fautif.relu()
    if not request.htmx:
        return _page(request, lu, fautif=fautif, status=status)
    code = fautif.ligne.code if fautif else code
    paires = {ligne.code: (ligne, form) for ligne, form in _lignes(lu, fautif)}
    vues = dict(vue.split(":", 1) for vue in request.POST.get("vues", "").split() if ":" in vue)
    autres = [
        paire
        for autre, paire in paires.items()
        if autre != code and autre in vues and (lu.fige or vues[autre] != paire[0].jeton)
    ]
    contexte = _contexte(request, lu) | {"paire": paires[code], "autres": autres}
    return render(request, "certification/dossier/_reponse.html", contexte, status=status)


def _contexte(
    request: Requete, lu: DossierLu, formulaires: dict[str, FormulaireDossier] | None = None
) -> dict[str, Any]:
    formulaires = formulaires or {}

    def peut(action: Action) -> bool:
        return Dossier.objects.for_user(request.user, action).filter(pk=lu.dossier.pk).exists()

    positionne = peut(Action.POSITIONNER)
    return {
        "lu": lu,
        "dossier": lu.dossier,
        "grille": lu.grille,
        "obstacles": () if lu.fige else lu.grille.obstacles(),
        "peut_positionner": positionne and not lu.fige,
        "peut_situer": not lu.fige and (positionne or peut(Action.PREPARER_COMMISSION)),
        "peut_figer": peut(Action.FIGER),
        "acceptation": formulaires.get("acceptation") or AcceptationForm(lu),
        "proposition": formulaires.get("proposition") or PropositionForm(lu),
    }


def _examinable(request: Requete, lu: DossierLu) -> bool:
    """Le parcours s'ouvre à la commission tant qu'elle siège ; un dossier ouvert dit qu'elle siège."""
    if not lu.fige:
        return True
    lisibles = Eleve.objects.for_user(request.user, Action.VOIR_LIVRET)
    return lisibles.filter(pk=lu.dossier.eleve_id).exists()


def _page(
    request: Requete,
    lu: DossierLu,
    formulaires: dict[str, FormulaireDossier] | None = None,
    *,
    fautif: DecisionForm | None = None,
    refus: list[str] | None = None,
    reouverture: ReouvertureForm | None = None,
    status: int = 200,
) -> HttpResponse:
    formulaires = formulaires or {}
    for form in formulaires.values():
        form.relu()
    cles = list(lu.dossier.commission.dossiers.values_list("pk", flat=True))
    contexte = _contexte(request, lu, formulaires) | {
        "lignes": _lignes(lu, fautif),
        "observations": formulaires.get("observations") or ObservationsForm(lu),
        "situation": formulaires.get("situation") or SituationForm(lu),
        "reouverture": reouverture or ReouvertureForm(),
        "refus": refus or [],
        "versions": lu.dossier.versions.defer("contenu").select_related("figee_par", "rouverte_par"),
        "voisins": voisins(cles, lu.dossier.pk),
        "examinable": _examinable(request, lu),
    }
    return render(request, "certification/dossier/dossier.html", contexte, status=status)
