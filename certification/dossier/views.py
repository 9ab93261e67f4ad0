from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from certification.dossier.figement import figer, rouvrir
from certification.dossier.fil import etat_du_fil
from certification.dossier.forms import (
    NOTE,
    OBSERVATIONS,
    AcceptationForm,
    DecisionAConfirmerForm,
    DecisionForm,
    FormulaireDossier,
    ObservationsForm,
    PropositionForm,
    ReouvertureForm,
    SituationCandidatForm,
)
from certification.dossier.models import Dossier
from certification.dossier.parcours import parcours
from certification.dossier.resultats import DossierLu, dossier_lu
from livret.models import Eleve
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action
from trpm.textes import ancre


@requires(Action.VOIR_COMMISSION)
def detail(request: Requete, pk: int) -> HttpResponse:
    dossiers = Dossier.objects.for_user(request.user, Action.VOIR_COMMISSION)
    dossier = get_object_or_404(dossiers, pk=pk)
    etat = etat_du_fil(pk)
    return _page(request, dossier_lu(dossier), fil=etat)


@requires(Action.VOIR_COMMISSION)
@require_GET
@never_cache
def fil(request: Requete, pk: int) -> HttpResponse:
    """Ce qui a changé depuis que la page a été lue (`vu`, `vues`) ; 204 : rien."""
    dossier = get_object_or_404(Dossier.objects.for_user(request.user, Action.VOIR_COMMISSION), pk=pk)
    etat = etat_du_fil(pk)
    if etat == request.GET.get("vu"):
        return HttpResponse(status=204)
    lu = dossier_lu(dossier)
    contexte = _contexte(request, lu) | {"fil": etat, "autres": _changees(lu, request.GET.get("vues", ""))}
    return render(request, "certification/dossier/_fil.html", contexte)


@requires(Action.POSITIONNER)
@require_POST
@transaction.atomic
def decision(request: Requete, pk: int, code: str) -> HttpResponse:
    lu = _verrouille(request, pk, Action.POSITIONNER)
    ligne = lu.grille.ligne(code)
    if ligne is None or ligne.criteres:
        raise Http404
    form = DecisionForm(lu, ligne, request.POST)
    if not form.is_valid():
        return _reponse_ligne(request, lu, form)
    form.save(request.user)
    if not request.htmx:
        return redirect(f"{lu.dossier.get_absolute_url()}#{ancre(code)}")
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


@requires(Action.POSITIONNER)
@require_POST
@transaction.atomic
def confirmation(request: Requete, pk: int, quoi: str) -> HttpResponse:
    """Confirme un niveau, par le code de sa compétence, la note proposée, ou les observations."""
    lu = _verrouille(request, pk, Action.POSITIONNER)
    if lu.grille.ligne(quoi) is None and quoi not in (NOTE, OBSERVATIONS):
        raise Http404
    form = DecisionAConfirmerForm(lu, quoi, request.POST)
    if not form.is_valid():
        return _page(request, lu, refus=[*form.non_field_errors()], status=form.statut)
    form.save(request.user)
    ou = quoi.removeprefix("=") if quoi in (NOTE, OBSERVATIONS) else ancre(quoi)
    return redirect(f"{lu.dossier.get_absolute_url()}#{ou}")


@requires(Action.POSITIONNER, Action.PREPARER_COMMISSION)
@require_POST
@transaction.atomic
def situation(request: Requete, pk: int) -> HttpResponse:
    lu = _verrouille(request, pk, Action.POSITIONNER, Action.PREPARER_COMMISSION)
    return _enregistrer(request, lu, "situation", SituationCandidatForm(lu, request.POST))


@requires(Action.FIGER)
@require_POST
def figement(request: Requete, pk: int) -> HttpResponse:
    dossier = get_object_or_404(Dossier.objects.for_user(request.user, Action.FIGER), pk=pk)
    try:
        version = figer(dossier, request.user, sans_presences="sans_presences" in request.POST)
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
    request: Requete,
    lu: DossierLu,
    nom: str,
    form: PropositionForm | ObservationsForm | SituationCandidatForm,
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
        for ligne in lu.grille.positions
    ]


def _changees(lu: DossierLu, vues: str) -> list[tuple[Any, DecisionForm]]:
    """Les lignes que la page ne montre pas telles qu'elles sont ; `vues` : « ancre:jeton » de chacune."""
    connues = _vues(vues)
    return [
        (ligne, form)
        for ligne, form in _lignes(lu)
        if not lu.ouvert or connues.get(ancre(ligne.code)) != ligne.jeton
    ]


def _vues(vues: str) -> dict[str, str]:
    return dict(vue.split(":", 1) for vue in vues.split() if ":" in vue)


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
    vues = request.POST.get("vues", "")
    montrees = _vues(vues).keys() - {ancre(code)}
    autres = [paire for paire in _changees(lu, vues) if ancre(paire[0].code) in montrees]
    contexte = _contexte(request, lu) | {"paire": paires[code], "autres": autres}
    return render(request, "certification/dossier/_reponse.html", contexte, status=status)


def _contexte(
    request: Requete, lu: DossierLu, formulaires: dict[str, FormulaireDossier] | None = None
) -> dict[str, Any]:
    formulaires = formulaires or {}

    def peut(action: Action) -> bool:
        return Dossier.objects.for_user(request.user, action).filter(pk=lu.dossier.pk).exists()

    positionne, seance = peut(Action.POSITIONNER), parcours(lu.dossier, request.user)
    return {
        "lu": lu,
        "dossier": lu.dossier,
        "grille": lu.grille,
        "obstacles": lu.grille.obstacles() if lu.ouvert else (),
        "peut_positionner": positionne and lu.ouvert,
        "peut_situer": lu.ouvert and (positionne or peut(Action.PREPARER_COMMISSION)),
        "peut_figer": not lu.clos and peut(Action.FIGER),
        "acceptation": formulaires.get("acceptation") or AcceptationForm(lu),
        "proposition": formulaires.get("proposition") or PropositionForm(lu),
        "observations": formulaires.get("observations") or ObservationsForm(lu),
        "seance": seance,
        "voisins": seance.voisins,
    }


def _examinable(request: Requete, lu: DossierLu) -> bool:
    """Le parcours s'ouvre à la commission tant qu'elle siège ; un dossier ouvert dit qu'elle siège."""
    if lu.ouvert:
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
    fil: str = "",
    status: int = 200,
) -> HttpResponse:
    formulaires = formulaires or {}
    for form in formulaires.values():
        form.relu()
    contexte = _contexte(request, lu, formulaires) | {
        "lignes": _lignes(lu, fautif),
        "situation": formulaires.get("situation") or SituationCandidatForm(lu),
        "reouverture": reouverture or ReouvertureForm(),
        "refus": refus or [],
        "versions": lu.dossier.versions.defer("contenu").select_related("figee_par", "rouverte_par"),
        "fil": fil or etat_du_fil(lu.dossier.pk),
        "examinable": _examinable(request, lu),
    }
    return render(request, "certification/dossier/dossier.html", contexte, status=status)
