from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from livret.personnes.requete import Requete
from livret.situation.forms.poste import (
    CopieForm,
    PosteForm,
    RotationForm,
    TirageForm,
)
from livret.situation.models.modele import copier_postes
from livret.situation.models.poste import Poste
from livret.situation.models.situation import Situation
from livret.situation.pages import CLOSE, situations
from referentiel.models import Detaillee
from trpm.acces import requires
from trpm.permissions import Action
from trpm.textes import pluriel

A = Action.EVALUER


def _situation(request: Requete, pk: int) -> Situation:
    """La situation, verrouillée quand on va en changer les postes."""
    visibles = situations(request, A)
    return get_object_or_404(visibles.verrouillees() if request.method == "POST" else visibles, pk=pk)


def _refus(request: Requete, situation: Situation) -> HttpResponse | None:
    """Ce que l'on répond quand la situation est close."""
    if situation.etat != Situation.Etat.CLOSE:
        return None
    messages.error(request, CLOSE)
    return redirect(situation)


def _sources(request: Requete, situation: Situation) -> QuerySet[Situation]:
    """Situations dont on peut reprendre les postes : de la même version du référentiel."""
    return (
        situations(request, Action.VOIR_CLASSE)
        .filter(classe__promotion__referentiel=situation.classe.promotion.referentiel_id)
        .filter(pk__in=Poste.objects.values("situation"))
        .exclude(pk=situation.pk)
    )


@requires(A)
@transaction.atomic
def postes(request: Requete, pk: int) -> HttpResponse:
    """Les postes et la rotation ; « proposer » remplit celle-ci sans l'enregistrer."""
    situation = _situation(request, pk)
    if refus := _refus(request, situation):
        return refus
    if request.method != "POST":
        return _page(request, situation)
    if "proposer" in request.POST:
        return _page(request, situation, tirage=TirageForm(request.POST))
    form = _rotation(situation, request.POST)
    if not form.is_valid():
        return _page(request, situation, rotation=form)
    form.save()
    messages.success(request, "La rotation est enregistrée.")
    return redirect("livret:postes", pk)


def _rotation(situation: Situation, envoi: QueryDict | None = None) -> RotationForm:
    detaillees = Detaillee.objects.order_by("competence__ordre", "ordre", "pk")
    affectations = situation.affectations.values_list("eleve", "tour", "poste")
    return RotationForm(
        envoi,
        situation=situation,
        postes=list(situation.postes.prefetch_related("competences", Prefetch("detaillees", detaillees))),
        eleves=list(situation.eleves()),
        places={(eleve, tour): poste for eleve, tour, poste in affectations},
    )


def _page(
    request: Requete,
    situation: Situation,
    *,
    rotation: RotationForm | None = None,
    tirage: TirageForm | None = None,
    copie: CopieForm | None = None,
) -> HttpResponse:
    rotation = rotation or _rotation(situation)
    proposee = tirage is not None and tirage.is_valid()
    if tirage and proposee:
        rotation.proposer(tirage.cleaned_data["tours"])
    contexte = {
        "situation": situation,
        "classe": situation.classe,
        "rotation": rotation,
        "proposee": proposee,
        "tirage": tirage or TirageForm(initial={"tours": rotation.tours or len(rotation.postes)}),
        "copie": copie or CopieForm(sources=_sources(request, situation)),
    }
    return render(request, "livret/situation/postes.html", contexte)


@requires(A)
@transaction.atomic
def poste_create(request: Requete, pk: int) -> HttpResponse:
    situation = _situation(request, pk)
    prochain = situation.postes.count() + 1
    return _formulaire(request, situation, Poste(situation=situation, ordre=prochain))


@requires(A)
@transaction.atomic
def poste_update(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(Poste.objects.for_user(request.user, A), pk=pk)
    return _formulaire(request, _situation(request, objet.situation_id), objet)


def _formulaire(request: Requete, situation: Situation, poste: Poste) -> HttpResponse:
    if refus := _refus(request, situation):
        return refus
    nom = poste.nom
    envoi = request.POST if request.method == "POST" else None
    form = PosteForm(envoi, situation=situation, instance=poste)
    if form.is_valid():
        messages.success(request, f"Le poste « {form.save()} » est enregistré.")
        return redirect("livret:poste-create" if "encore" in request.POST else "livret:postes", situation.pk)
    contexte = {"form": form, "situation": situation, "classe": situation.classe, "poste": poste, "nom": nom}
    return render(request, "livret/situation/poste_form.html", contexte)


@requires(A)
@require_POST
@transaction.atomic
def poste_delete(request: Requete, pk: int) -> HttpResponse:
    """Retire un poste et ses tours : les niveaux posés là restent dans la grille, ils sont à la situation."""
    objet = get_object_or_404(Poste.objects.for_user(request.user, A), pk=pk)
    situation = _situation(request, objet.situation_id)
    if refus := _refus(request, situation):
        return refus
    objet.delete()
    messages.success(request, f"Le poste « {objet} » est retiré ; les niveaux saisis restent dans la grille.")
    return redirect("livret:postes", situation.pk)


@requires(A)
@require_POST
@transaction.atomic
def postes_copier(request: Requete, pk: int) -> HttpResponse:
    situation = _situation(request, pk)
    if refus := _refus(request, situation):
        return refus
    form = CopieForm(request.POST, sources=_sources(request, situation))
    if not form.is_valid():
        return _page(request, situation, copie=form)
    nombre = copier_postes(form.cleaned_data["source"], situation)
    messages.success(request, f"{nombre} poste{pluriel(nombre)} repris.")
    return redirect("livret:postes", pk)
