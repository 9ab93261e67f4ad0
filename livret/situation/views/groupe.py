from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.personnes.classes import eleves_presents, peut_evaluer
from livret.personnes.models.classe import Classe
from livret.personnes.requete import Requete
from livret.situation.forms.groupe import CompositionForm, GroupeForm, RepartitionForm
from livret.situation.models.groupe import Groupe
from trpm.acces import requires
from trpm.permissions import Action

A = Action.COMPOSER_GROUPES


def _classe(request: Requete, pk: int) -> Classe:
    """La classe, verrouillée quand on va écrire dans ses groupes."""
    classes = Classe.objects.for_user(request.user, A).select_related("annee", "promotion")
    if request.method == "POST":
        classes = classes.select_for_update(of=("self",), no_key=True)
    return get_object_or_404(classes, pk=pk)


@requires(A)
@transaction.atomic
def groupes(request: Requete, pk: int) -> HttpResponse:
    """Les groupes de la classe et qui est dans lequel."""
    classe = _classe(request, pk)
    if request.method != "POST":
        return _page(request, classe)
    form = CompositionForm(request.POST, groupes=_actifs(classe), eleves=eleves_presents(classe))
    if not form.is_valid():
        return _page(request, classe, composition=form)
    form.save()
    messages.success(request, "La composition des groupes est enregistrée.")
    return redirect("livret:groupes", pk)


def _actifs(classe: Classe) -> list[Groupe]:
    return list(classe.groupes.actifs().prefetch_related("eleves"))


def _page(
    request: Requete,
    classe: Classe,
    *,
    composition: CompositionForm | None = None,
    creation: GroupeForm | None = None,
    repartition: RepartitionForm | None = None,
) -> HttpResponse:
    eleves = eleves_presents(classe)
    contexte = {
        "classe": classe,
        "eleves": eleves,
        "composition": composition or CompositionForm(groupes=_actifs(classe), eleves=eleves),
        "creation": creation or GroupeForm(classe=classe),
        "repartition": repartition or RepartitionForm(classe=classe, eleves=eleves),
        "archives": classe.groupes.filter(archive_le__isnull=False),
        "evaluateur": peut_evaluer(request.user, classe),
    }
    return render(request, "livret/situation/groupes.html", contexte)


@requires(A)
@require_POST
@transaction.atomic
def groupe_create(request: Requete, pk: int) -> HttpResponse:
    classe = _classe(request, pk)
    form = GroupeForm(request.POST, classe=classe)
    if not form.is_valid():
        return _page(request, classe, creation=form)
    messages.success(request, f"Le groupe « {form.save()} » est créé : cochez ses élèves.")
    return redirect("livret:groupes", pk)


@requires(A)
@require_POST
@transaction.atomic
def groupes_repartir(request: Requete, pk: int) -> HttpResponse:
    """Répartit les élèves en groupes égaux, par ordre alphabétique."""
    classe = _classe(request, pk)
    form = RepartitionForm(request.POST, classe=classe, eleves=eleves_presents(classe))
    try:
        crees = form.save() if form.is_valid() else []
    except ValidationError as faute:
        form.add_error("nom", faute)
    if not form.is_valid():
        return _page(request, classe, repartition=form)
    noms = ", ".join(f"« {groupe} »" for groupe in crees)
    messages.success(request, f"La classe est répartie : {noms}. Déplacez qui vous voulez.")
    return redirect("livret:groupes", pk)


@requires(A)
@transaction.atomic
def groupe_update(request: Requete, pk: int) -> HttpResponse:
    """Renommer un groupe, l'archiver ou le supprimer."""
    objet = _groupe(request, pk)
    classe, nom = _classe(request, objet.classe_id), objet.nom
    form = GroupeForm(request.POST if request.method == "POST" else None, classe=classe, instance=objet)
    if form.is_valid():
        messages.success(request, f"Le groupe s’appelle « {form.save()} ».")
        return redirect(objet)
    contexte = {
        "form": form,
        "classe": classe,
        "groupe": objet,
        "nom": nom,
        "situations": objet.situations.count(),
    }
    return render(request, "livret/situation/groupe_form.html", contexte)


@requires(A)
@require_POST
@transaction.atomic
def groupe_retrait(request: Requete, pk: int) -> HttpResponse:
    """Archive un groupe qui a servi, supprime celui qui n'a jamais servi, ou remet un groupe archivé."""
    objet = _groupe(request, pk)
    _classe(request, objet.classe_id)
    if "remettre" not in request.POST:
        sort = "archivé" if objet.retirer(timezone.now()) else "supprimé"
        messages.success(request, f"Le groupe « {objet} » est {sort}.")
        return redirect("livret:groupes", objet.classe_id)
    try:
        objet.remettre()
    except ValidationError as faute:
        messages.error(request, " ".join(faute.messages))
    else:
        messages.success(request, f"Le groupe « {objet} » sert de nouveau.")
    return redirect(objet)


def _groupe(request: Requete, pk: int) -> Groupe:
    return get_object_or_404(Groupe.objects.for_user(request.user, A), pk=pk)
