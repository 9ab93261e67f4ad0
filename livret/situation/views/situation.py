import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.personnes.classes import eleves_presents
from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from livret.situation.forms.reprise import (
    d_un_trou,
    d_une_sequence,
    proposition,
    reprise,
    situation_initiale,
)
from livret.situation.forms.retenue import RetenueForm
from livret.situation.forms.situation import SituationForm, VoleeForm
from livret.situation.models.demande import Demande
from livret.situation.models.modele import ModeleSituation, copier_postes
from livret.situation.models.situation import Situation
from livret.situation.pages import (
    CLOSE,
    DEVENUE,
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
    source, sequence = _source(request, classe), _sequence(request, classe)
    if request.method != "POST":
        form = _propose(request, classe, source, sequence)
    elif _apercu(request):
        form = proposition(request.POST, classe, None)
    else:
        form = SituationForm(request.POST, classe=classe)
        form.instance.auteur, form.noter = request.user, "noter" in request.POST
        if form.is_valid():
            return _creee(request, form, source, sequence)
    contexte = {"form": form, "classe": classe, "source": source, "sequence": sequence}
    return render(request, "livret/situation/situation_form.html", contexte)


def _propose(
    request: Requete, classe: Classe, source: Situation | ModeleSituation | None, sequence: Any
) -> SituationForm:
    jour = timezone.localdate()
    if source:
        return reprise(source, classe, jour)
    if sequence:
        return d_une_sequence(sequence, classe, jour)
    if detaillees := request.GET.getlist("detaillee"):
        return d_un_trou(detaillees, classe, jour)
    return SituationForm(classe=classe, initial=situation_initiale(classe, jour))


@transaction.atomic
def _creee(
    request: Requete, form: SituationForm, source: Situation | ModeleSituation | None, sequence: Any
) -> HttpResponse:
    """À noter sur-le-champ, elle s'ouvre et sa grille s'affiche ; sinon, c'est un brouillon."""
    objet = form.save()
    repris = copier_postes(source, objet) if source else 0
    if sequence:
        sequence.situations.add(objet)
    suite = f" Postes repris\xa0: {repris}." if repris else ""
    if form.noter:
        objet.passer(Situation.Etat.OUVERTE, timezone.now())
        messages.success(request, f"La situation « {objet} » est ouverte.{suite}")
        return redirect(reverse("livret:grille", args=[objet.pk]) + "#saisir")
    messages.success(request, f"La situation « {objet} » est créée, en brouillon.{suite}")
    return redirect(objet)


def _sequence(request: Requete, classe: Classe) -> Any:
    """La séquence de la progression que la situation évaluera : de toute la promotion, ou de la classe."""
    if not (pk := request.GET.get("sequence")):
        return None
    sequences = classe.promotion.sequences.filter(retiree_le__isnull=True)
    return get_object_or_404(sequences.filter(Q(classe=None) | Q(classe=classe)), pk=entier(pk) or 0)


@requires(Action.EVALUER)
def situation_volee(request: Requete, pk: int) -> HttpResponse:
    """Évaluer à la volée : on coche ce que l'on observe, la grille s'ouvre."""
    visibles = Classe.objects.for_user(request.user, Action.EVALUER)
    classe = get_object_or_404(visibles.select_related("annee", "etablissement", "promotion__option"), pk=pk)
    eleve = _eleve(request, classe)
    demande = _demande(request, eleve)
    envoi = request.POST if request.method == "POST" else None
    if not envoi and eleve and (ailleurs := _ailleurs(request, eleve, classe, demande)):
        return redirect(ailleurs)
    initial = {"competences": [demande.competence_id]} if demande else {}
    parmi = None if eleve else eleves_presents(classe)
    form = VoleeForm(envoi, classe=classe, jour=timezone.localdate(), eleves=parmi, initial=initial)
    form.instance.auteur = request.user
    if form.is_valid():
        return redirect(_grille_de(_commencee(form, demande), eleve or form.eleve))
    contexte = {"form": form, "classe": classe, "eleve": eleve, "demande": demande}
    return render(request, "livret/situation/situation_volee.html", contexte)


def _ailleurs(request: Requete, eleve: Eleve, classe: Classe, demande: Demande | None) -> str:
    """Où évaluer cet élève plutôt qu'ici : la grille déjà commencée pour sa demande, ou sa classe d'une année
    plus récente ; vide si c'est bien ici."""
    if demande and demande.situation and demande.situation.saisissable:
        return _grille_de(demande.situation, eleve)
    siennes = Classe.objects.for_user(request.user, Action.EVALUER).filter(
        scolarites__eleve=eleve, scolarites__sortie__isnull=True, annee__debut__gt=classe.annee.debut
    )
    if actuelle := siennes.order_by("-annee__debut").first():
        adresse = reverse("livret:situation-volee", args=[actuelle.pk])
        return f"{adresse}?{request.GET.urlencode()}"
    return ""


@transaction.atomic
def _commencee(form: VoleeForm, demande: Demande | None) -> Situation:
    """La situation d'où partira la réponse à la demande, qui attend jusqu'à ce qu'un niveau y soit publié."""
    objet = form.save()
    if demande and demande.traitee_le is None:
        demande.situation = objet
        demande.save()
    return objet


def _grille_de(objet: Situation, eleve: Eleve | None) -> str:
    """Sa grille, ouverte sur la ligne de cet élève."""
    return reverse("livret:grille", args=[objet.pk]) + (f"#e{eleve.pk}" if eleve else "")


def _demande(request: Requete, eleve: Eleve | None) -> Demande | None:
    """La demande de cet élève à laquelle on répond en l'évaluant."""
    if not (pk := request.GET.get("demande")):
        return None
    demandes = Demande.objects.for_user(request.user, Action.EVALUER).filter(eleve=eleve)
    return get_object_or_404(demandes.select_related("competence", "situation"), pk=entier(pk) or 0)


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
    etat = request.POST.get("etat", "")
    if publie_vide(objet, etat) and "confirme" not in request.POST:
        contexte = {"situation": objet, "classe": objet.classe, "envoi": request.POST}
        return render(request, "livret/situation/situation_vide.html", contexte)
    try:
        visible_des = _jour(request.POST.get("visible_des", ""))
        objet.passer(etat, timezone.now(), visible_des)
    except ValidationError as faute:
        messages.error(request, " ".join(faute.messages))
    else:
        messages.success(request, f"{DEVENUE[Situation.Etat(objet.etat)]}{_suite(objet, visible_des)}")
    return redirect(_suite_de(request, objet))


def _suite_de(request: Requete, objet: Situation) -> str:
    """La page de la situation, ou la grille d'où vient le geste, au poste et au tour qu'elle montrait."""
    if "grille" not in request.POST:
        return objet.get_absolute_url()
    montree = QueryDict(request.POST["grille"]).urlencode()
    return _grille_de(objet, None) + (f"?{montree}" if montree else "")


def publie_vide(objet: Situation, etat: str) -> bool:
    """Les élèves verraient une situation où rien n'est saisi."""
    ouverte = objet.etat == Situation.Etat.OUVERTE and etat == Situation.Etat.PUBLIEE
    return ouverte and not objet.porte()


def _suite(objet: Situation, visible_des: datetime.date | None) -> str:
    """Quand les élèves la verront, et les demandes auxquelles elle répond."""
    if visible_des:
        return f" Les élèves la verront le {date_dite(visible_des)}."
    repondues = Demande.objects.repondues_par(objet) if objet.etat == Situation.Etat.PUBLIEE else ()
    noms = ", ".join(f"{une.eleve} ({une.competence.code})" for une in repondues)
    return f" Elle répond à ce qui était demandé\xa0: {noms}." if noms else ""


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
