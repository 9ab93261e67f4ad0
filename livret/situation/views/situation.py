import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from livret.situation.forms.retenue import RetenueForm
from livret.situation.forms.situation import (
    SituationForm,
    VoleeForm,
    proposition,
    reprise,
    situation_initiale,
)
from livret.situation.models.demande import Demande
from livret.situation.models.modele import ModeleSituation, copier_postes
from livret.situation.models.situation import Situation
from livret.situation.pages import (
    CLOSE,
    destinations,
    page_situation,
    situations,
)
from trpm.acces import requires
from trpm.dates import date_dite
from trpm.permissions import Action
from trpm.textes import entier


@requires(Action.VOIR_CLASSE)
def situation(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(situations(request, Action.VOIR_CLASSE), pk=pk)
    return page_situation(request, objet)


@requires(Action.EVALUER)
def situation_create(request: Requete, pk: int) -> HttpResponse:
    visibles = Classe.objects.for_user(request.user, Action.EVALUER)
    classe = get_object_or_404(visibles.select_related("annee", "etablissement", "promotion__option"), pk=pk)
    source = _source(request, classe)
    if request.method != "POST" and source:
        form = reprise(source, classe, timezone.localdate())
    elif request.method != "POST":
        form = SituationForm(classe=classe, initial=situation_initiale(classe, timezone.localdate()))
    elif _apercu(request):
        form = proposition(request.POST, classe, None)
    else:
        form = SituationForm(request.POST, classe=classe)
        form.instance.auteur = request.user
        if form.is_valid():
            with transaction.atomic():
                objet = form.save()
                repris = copier_postes(source, objet) if source else 0
            suite = f" Postes repris : {repris}." if repris else ""
            messages.success(request, f"La situation « {objet} » est créée, en brouillon.{suite}")
            return redirect(objet)
    contexte = {"form": form, "classe": classe, "source": source}
    return render(request, "livret/situation/situation_form.html", contexte)


@requires(Action.EVALUER)
def situation_volee(request: Requete, pk: int) -> HttpResponse:
    """Évaluer à la volée : on coche ce que l'on observe, la grille s'ouvre."""
    visibles = Classe.objects.for_user(request.user, Action.EVALUER)
    classe = get_object_or_404(visibles.select_related("annee", "etablissement", "promotion__option"), pk=pk)
    eleve = _eleve(request, classe)
    demande = _demande(request, classe, eleve)
    envoi = request.POST if request.method == "POST" else None
    initial = {"competences": [demande.competence_id]} if demande else {}
    form = VoleeForm(envoi, classe=classe, jour=timezone.localdate(), initial=initial)
    form.instance.auteur = request.user
    if form.is_valid():
        ancre = f"#e{eleve.pk}" if eleve else ""
        return redirect(reverse("livret:grille", args=[_ouvrir(form, demande).pk]) + ancre)
    contexte = {"form": form, "classe": classe, "eleve": eleve, "demande": demande}
    return render(request, "livret/situation/situation_volee.html", contexte)


@transaction.atomic
def _ouvrir(form: VoleeForm, demande: Demande | None) -> Situation:
    """Crée la situation ; elle répond à la demande de l'élève si personne ne l'a fait entre-temps."""
    objet = form.save()
    ouverte = demande and Demande.objects.ouvertes().select_for_update().filter(pk=demande.pk).first()
    if ouverte:
        ouverte.traiter(objet.auteur, timezone.now(), situation=objet)
    return objet


def _demande(request: Requete, classe: Classe, eleve: Eleve | None) -> Demande | None:
    """La demande de cet élève à laquelle on répond en l'évaluant."""
    if not (pk := request.GET.get("demande")):
        return None
    demandes = Demande.objects.filter(classe=classe, eleve=eleve).select_related("competence")
    return get_object_or_404(demandes, pk=entier(pk) or 0)


def _eleve(request: Requete, classe: Classe) -> Eleve | None:
    """L'élève de la classe d'où l'on vient : la grille s'ouvrira sur sa ligne."""
    if not (pk := request.GET.get("eleve")):
        return None
    presents = Eleve.objects.presents(classe)
    return get_object_or_404(presents, pk=entier(pk) or 0)


def _source(request: Requete, classe: Classe) -> Situation | ModeleSituation | None:
    """Ce que l'adresse demande de reprendre : situation ou modèle, sur la même version de référentiel."""
    version = classe.promotion.referentiel_id
    if pk := request.GET.get("situation"):
        sources = situations(request, Action.VOIR_CLASSE).filter(classe__promotion__referentiel=version)
        return get_object_or_404(sources, pk=entier(pk) or 0)
    if pk := request.GET.get("modele"):
        modeles = ModeleSituation.objects.for_user(request.user, Action.EVALUER).proposes()
        ici = modeles.filter(referentiel=version, etablissement=classe.etablissement_id)
        return get_object_or_404(ici, pk=entier(pk) or 0)
    return None


@requires(Action.EVALUER)
def situation_duplicate(request: Requete, pk: int) -> HttpResponse:
    """Choisir la classe où reprendre la situation ; le formulaire de création s'y ouvre, rempli."""
    objet = get_object_or_404(situations(request, Action.VOIR_CLASSE), pk=pk)
    classes = destinations(request, objet.classe.promotion.referentiel_id)
    contexte = {
        "situation": objet,
        "classe": objet.classe,
        "classes": classes,
        "reprise": f"situation={pk}",
    }
    return render(request, "livret/situation/situation_duplicate.html", contexte)


@requires(Action.EVALUER)
@transaction.atomic
def situation_update(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(situations(request, Action.EVALUER).verrouillees(), pk=pk)
    if objet.etat == Situation.Etat.CLOSE:
        messages.error(request, CLOSE)
        return redirect(objet)
    if request.method != "POST":
        form = SituationForm(classe=objet.classe, instance=objet)
    elif _apercu(request):
        form = proposition(request.POST, objet.classe, objet)
    else:
        form = SituationForm(request.POST, classe=objet.classe, instance=objet)
        if form.is_valid():
            messages.success(request, f"La situation « {form.save()} » est modifiée.")
            return redirect(objet)
    contexte = {"form": form, "classe": objet.classe, "situation": objet}
    return render(request, "livret/situation/situation_form.html", contexte)


def _apercu(request: Requete) -> bool:
    """Le formulaire est envoyé pour suggérer, non pour enregistrer."""
    return "proposer" in request.POST or "apercu" in request.POST


@requires(Action.EVALUER)
@transaction.atomic
def situation_delete(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(situations(request, Action.EVALUER).verrouillees(), pk=pk)
    obstacle = objet.obstacle_a_la_suppression()
    if request.method == "POST" and not obstacle:
        objet.delete()
        messages.success(request, f"Le brouillon « {objet} » est supprimé.")
        return redirect(objet.classe)
    contexte = {"situation": objet, "classe": objet.classe, "obstacle": obstacle}
    return render(
        request, "livret/situation/situation_delete.html", contexte, status=409 if obstacle else 200
    )


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def situation_etat(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(situations(request, Action.EVALUER).verrouillees(), pk=pk)
    try:
        visible_des = _jour(request.POST.get("visible_des", ""))
        objet.passer(request.POST.get("etat", ""), timezone.now(), visible_des)
    except ValidationError as faute:
        messages.error(request, " ".join(faute.messages))
    else:
        suite = f" Les élèves la verront le {date_dite(visible_des)}." if visible_des else ""
        messages.success(request, f"La situation est maintenant {objet.etat_dit}.{suite}")
    return redirect(objet)


def _jour(texte: str) -> datetime.date | None:
    """Le jour choisi pour publier ; `ValidationError` s'il ne se lit pas."""
    try:
        return datetime.date.fromisoformat(texte) if texte else None
    except ValueError:
        raise ValidationError(
            f"« {texte} » n’est pas une date : choisissez le jour dans le calendrier."
        ) from None


@requires(Action.EVALUER)
@require_POST
@transaction.atomic
def situation_retenue(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(situations(request, Action.EVALUER).verrouillees(), pk=pk)
    form = RetenueForm(request.POST, situation=objet)
    if not form.is_valid():
        return page_situation(request, objet, retenue_form=form)
    objet.retenir(form.retenue, form.cleaned_data["motif"])
    messages.success(request, "La décision est enregistrée.")
    return redirect(objet)
