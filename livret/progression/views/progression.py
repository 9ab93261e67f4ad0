from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.annee import rentree
from livret.personnes.models.classe import Classe, ClasseQuerySet, Promotion
from livret.personnes.models.compte import Etablissement
from livret.personnes.requete import Requete
from livret.progression.fiche import competences_de, gestes_de, taches_de
from livret.progression.forms.sequence import (
    PfmpPrevueForm,
    PoseForm,
    SansCoursForm,
    SequenceForm,
    initial_lu,
)
from livret.progression.models.sequence import PfmpPrevue, Sequence, SequenceQuerySet
from livret.progression.progression import progression as progression_de
from livret.progression.promotions import classe_d_ou_l_on_vient, peut_planifier, promotion_suivie
from livret.situation.models.situation import Situation
from trpm.acces import requires
from trpm.dates import date_dite
from trpm.impression.documents import pdf_sur_une_page, telechargement
from trpm.permissions import Action
from trpm.textes import pluriel

STYLES = ["css/documents.css", "css/progression-imprime.css"]
CHANGEE = (
    "Un collègue a changé cette séquence pendant que vous la modifiiez. Ouvrez sa fiche dans un autre onglet "
    "pour comparer ; enregistrez de nouveau pour garder votre version."
)
SANS_COURS = "Attention, toutes ses semaines sont sans cours."
DENSITES = ["ample", "aise", "moyen", "serre"]


@requires(Action.VOIR_CLASSE)
def progression(request: Requete, pk: int) -> HttpResponse:
    return _page(request, promotion_suivie(request, pk))


def _page(
    request: Requete,
    promotion: Promotion,
    *,
    pfmp_form: PfmpPrevueForm | None = None,
    sans_cours_form: SansCoursForm | None = None,
) -> HttpResponse:
    contexte = _contexte(request, promotion) | {
        "classe": classe_d_ou_l_on_vient(request, promotion),
        "pfmp_form": pfmp_form or PfmpPrevueForm(promotion=promotion),
        "sans_cours_form": sans_cours_form or SansCoursForm(promotion=promotion),
        "retirees": list(promotion.sequences.filter(retiree_le__isnull=False)),
    }
    return render(
        request,
        "livret/progression/progression.html",
        contexte,
        status=422 if pfmp_form or sans_cours_form else 200,
    )


def _contexte(request: Requete, promotion: Promotion) -> dict:
    return {
        "promotion": promotion,
        "progression": progression_de(promotion, timezone.localdate()),
        "semestres": promotion.referentiel.cycle.semestres,
        "planifiable": peut_planifier(request, promotion),
    }


@requires(Action.VOIR_CLASSE)
def progression_pdf(request: Requete, pk: int) -> HttpResponse:
    promotion = promotion_suivie(request, pk)
    contexte = _contexte(request, promotion) | {"edite_le": timezone.localdate()}
    contenu = pdf_sur_une_page("documents/progression.html", contexte, DENSITES, styles=STYLES)
    return telechargement(contenu, f"Progression {promotion}.pdf")


def _sequences(request: Requete, action: Action) -> SequenceQuerySet:
    return Sequence.objects.for_user(request.user, action).select_related(
        "promotion__option", "promotion__referentiel", "classe", "auteur"
    )


@requires(Action.VOIR_CLASSE)
def sequence(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(_sequences(request, Action.VOIR_CLASSE), pk=pk)
    contexte = {
        "sequence": objet,
        "promotion": objet.promotion,
        "etat": objet.etat(timezone.localdate()),
        "alerte": SANS_COURS if objet.sans_cours() else "",
        "semestre": objet.promotion.referentiel.cycle.nom(objet.semestre),
        "taches": taches_de(objet),
        "competences": competences_de(objet),
        "situations": _situations(request, objet),
        "classes": [] if objet.retiree_le else list(_classes_a_evaluer(request, objet)),
        "trace": objet.history.select_related("history_user")
        .order_by("-history_date", "-history_id")
        .first(),
        "gestes": gestes_de(objet),
        "planifiable": peut_planifier(request, objet.promotion),
    }
    return render(request, "livret/progression/sequence.html", contexte)


def _classes_a_evaluer(request: Requete, objet: Sequence) -> ClasseQuerySet:
    """Celles où la personne évalue, l'année de la séquence."""
    siennes = Classe.objects.for_user(request.user, Action.EVALUER).filter(promotion=objet.promotion_id)
    siennes = siennes.filter(pk=objet.classe_id) if objet.classe_id else siennes
    return siennes.filter(annee__debut=rentree(objet.debut))


def _situations(request: Requete, objet: Sequence) -> list[tuple[Situation, bool]]:
    """Situations qui l'évaluent ; celles d'une classe qu'il ne suit pas se nomment sans s'ouvrir."""
    ouvrables = set(Situation.objects.for_user(request.user, Action.VOIR_CLASSE).values_list("pk", flat=True))
    liees = objet.situations.select_related("classe", "auteur").order_by("debut", "pk")
    return [(une, une.pk in ouvrables) for une in liees]


@requires(Action.PLANIFIER)
def sequence_create(request: Requete, pk: int) -> HttpResponse:
    promotion = promotion_suivie(request, pk, Action.PLANIFIER)
    if request.method == "POST":
        form = SequenceForm(request.POST, promotion=promotion)
        form.instance.auteur = request.user
        if form.is_valid():
            return _enregistree(request, form, "est posée")
    else:
        form = SequenceForm(
            promotion=promotion, initial=initial_lu(request.GET, promotion, timezone.localdate())
        )
    return render(request, "livret/progression/sequence_form.html", {"form": form, "promotion": promotion})


@requires(Action.PLANIFIER)
@transaction.atomic
def sequence_update(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(_sequences(request, Action.PLANIFIER).verrouillees(), pk=pk)
    form = SequenceForm(
        request.POST if request.method == "POST" else None, instance=objet, promotion=objet.promotion
    )
    vue, statut = objet.pose, 200
    if request.method == "POST" and request.POST.get("vue") != str(vue):
        form.add_error(None, CHANGEE)
        statut = 409
    elif request.method == "POST" and form.is_valid():
        form.instance.pose += 1
        return _enregistree(request, form, "est modifiée")
    contexte = {"form": form, "promotion": objet.promotion, "sequence": objet, "vue": vue}
    return render(request, "livret/progression/sequence_form.html", contexte, status=statut)


def _enregistree(request: Requete, form: SequenceForm, suite: str) -> HttpResponse:
    objet = form.save()
    messages.success(request, f"« {objet} » {suite} : {_dates(objet)}.{_alerte(objet)}")
    return redirect(objet)


def _alerte(objet: Sequence) -> str:
    return f" {SANS_COURS}" if objet.sans_cours() else ""


def _dates(objet: Sequence) -> str:
    semaines = f"{objet.semaines} semaine{pluriel(objet.semaines)}"
    return f"du {date_dite(objet.debut)} au {date_dite(objet.fin)}, {semaines}"


@requires(Action.PLANIFIER)
@require_POST
@transaction.atomic
def sequence_poser(request: Requete, pk: int) -> HttpResponse:
    """Un déplacement, à la souris, au clavier ou par bouton ; refusé si un collègue a bougé la séquence."""
    objet = get_object_or_404(_sequences(request, Action.PLANIFIER).verrouillees(), pk=pk)
    form = PoseForm(request.POST)
    statut, dit = 200, ""
    if not form.is_valid():
        statut, dit = 422, "Ce déplacement ne se lit pas : rechargez la page."
        if form.non_field_errors():
            dit = " ".join(str(faute) for faute in form.non_field_errors())
    elif form.cleaned_data["vue"] != objet.pose:
        statut = 409
        dit = f"« {objet} » a été changée entre-temps : la voici {_dates(objet)}. Recommencez si besoin."
    else:
        try:
            objet.deplacer(form.cleaned_data["debut"], form.cleaned_data["fin"])
            dit = f"« {objet} », {_dates(objet)} : enregistré.{_alerte(objet)}"
        except ValidationError as faute:
            statut, dit = 422, " ".join(faute.messages)
    if request.htmx:
        contexte = _contexte(request, objet.promotion) | {"dit": dit, "refus": statut != 200}
        return render(request, "livret/progression/_calendrier.html", contexte, status=statut)
    (messages.success if statut == 200 else messages.error)(request, dit)
    return redirect("livret:sequence", pk=pk)


@requires(Action.PLANIFIER)
@require_POST
@transaction.atomic
def sequence_retrait(request: Requete, pk: int) -> HttpResponse:
    """Retire la séquence de la progression, ou l'y remet ; rien ne s'efface."""
    objet = get_object_or_404(_sequences(request, Action.PLANIFIER).verrouillees(), pk=pk)
    objet.retiree_le = None if "remettre" in request.POST else timezone.now()
    objet.save()
    suite = "est retirée de la progression" if objet.retiree_le else "est de nouveau dans la progression"
    messages.success(request, f"« {objet} » {suite}.")
    return redirect(objet)


@requires(Action.PLANIFIER)
@require_POST
@transaction.atomic
def pfmp_prevue_create(request: Requete, pk: int) -> HttpResponse:
    promotion = promotion_suivie(request, pk, Action.PLANIFIER)
    Promotion.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    form = PfmpPrevueForm(request.POST, promotion=promotion)
    if not form.is_valid():
        return _page(request, promotion, pfmp_form=form)
    form.save()
    messages.success(request, "La PFMP est prévue.")
    return redirect("livret:progression", pk=pk)


@requires(Action.PLANIFIER)
@require_POST
@transaction.atomic
def pfmp_prevue_delete(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(PfmpPrevue.objects.for_user(request.user, Action.PLANIFIER), pk=pk)
    objet.delete()
    messages.success(request, "Ces semaines ne sont plus prévues en PFMP.")
    return redirect("livret:progression", pk=objet.promotion_id)


@requires(Action.PLANIFIER)
@require_POST
@transaction.atomic
def sans_cours_create(request: Requete, pk: int) -> HttpResponse:
    """Des semaines sans cours de l'établissement : toutes ses promotions les montrent."""
    promotion = promotion_suivie(request, pk, Action.PLANIFIER)
    Etablissement.objects.select_for_update(no_key=True).get(pk=promotion.etablissement_id)
    form = SansCoursForm(request.POST, promotion=promotion)
    if not form.is_valid():
        return _page(request, promotion, sans_cours_form=form)
    messages.success(request, f"Sans cours : {form.save()}.")
    return redirect("livret:progression", pk=pk)


@requires(Action.PLANIFIER)
@require_POST
@transaction.atomic
def sans_cours_delete(request: Requete, pk: int, periode: int) -> HttpResponse:
    promotion = promotion_suivie(request, pk, Action.PLANIFIER)
    objet = get_object_or_404(promotion.etablissement.sans_cours, pk=periode)
    objet.delete()
    messages.success(request, f"Ces semaines ont de nouveau cours : {objet}.")
    return redirect("livret:progression", pk=pk)
