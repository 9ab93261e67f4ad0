"""Corriger et compléter un référentiel, composer une nouvelle version de grille."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from referentiel.apercu import apercu
from referentiel.echange.plan import DIPLOME, Notion, feuilles
from referentiel.echange.tableau import TableauInvalide
from referentiel.forms import Depot, GrilleComposeeForm, Origine, SourceForm
from referentiel.models import Referentiel
from referentiel.redaction.composition import CompositionGrille
from referentiel.redaction.diplome import EditionDiplome
from referentiel.redaction.edition import Edition, EditionFeuille, avec_source
from trpm.acces import requires
from trpm.permissions import Action

A_COMPLETER = ("indicateurs", "savoirs", "taches", "competences", "detaillees", "niveaux")
"""Ce que les textes reçus laissent le plus souvent à compléter."""
COMMISSION = ("commission.qualites", "commission.pieces")
CHANGE = "Le référentiel a changé pendant que vous écriviez : relisez, puis renvoyez."
RIEN = "Rien n’a changé sur cette page."


@require_safe
@requires(Action.IMPORTER_REFERENTIEL)
def sommaire(request: HttpRequest, pk: int) -> HttpResponse:
    referentiel = get_object_or_404(Referentiel, pk=pk)
    tables = Edition(referentiel).tables
    notions = [(feuille, len(tables[nom])) for nom, feuille in feuilles().items() if nom != DIPLOME]
    a_part = (*A_COMPLETER, *COMMISSION)
    contexte = {
        "referentiel": referentiel,
        "premieres": [notion for notion in notions if notion[0].nom in A_COMPLETER],
        "de_la_commission": [notion for notion in notions if notion[0].nom in COMMISSION],
        "autres": [notion for notion in notions if notion[0].nom not in a_part],
    }
    return render(request, "referentiel/modifier.html", contexte)


@requires(Action.IMPORTER_REFERENTIEL)
def modifier(request: HttpRequest, pk: int, notion: str) -> HttpResponse:
    """Les lignes d'une notion, puis l'aperçu de ce que leur correction changerait."""
    edition = Edition(get_object_or_404(Referentiel, pk=pk))
    champs = request.POST if request.method == "POST" else request.GET
    page = champs.get("page", "1")
    vue = EditionFeuille(
        edition, _feuille(notion), champs.get("de", ""), int(page) if page.isdecimal() else 1
    )
    if request.method != "POST":
        return _montrer(request, vue, SourceForm())
    tables, touches = vue.lire(request.POST.dict())
    form = SourceForm(request.POST)
    if not touches or request.POST.get("etat") != edition.etat:
        messages.warning(request, CHANGE if touches else RIEN)
        return _montrer(request, vue, form)
    if not form.is_valid():
        return _montrer(request, vue, form)
    return _proposer(request, vue, tables, touches, form)


@requires(Action.IMPORTER_REFERENTIEL)
def diplome(request: HttpRequest, pk: int) -> HttpResponse:
    """L'intitulé, le cycle, l'identité et les règles de commission, puis l'aperçu de leur correction."""
    vue = EditionDiplome(Edition(get_object_or_404(Referentiel, pk=pk)))
    form = SourceForm(request.POST or None)
    if request.method != "POST":
        return _montrer_le_diplome(request, vue, form)
    tables, touches = vue.lire(request.POST.dict())
    if not touches or request.POST.get("etat") != vue.edition.etat:
        messages.warning(request, CHANGE if touches else RIEN)
        return _montrer_le_diplome(request, vue, form)
    if not form.is_valid():
        return _montrer_le_diplome(request, vue, form)
    try:
        texte = vue.texte(tables, touches, form.cleaned_data["nature"], form.cleaned_data["source"])
    except TableauInvalide as erreur:
        vue.fautes = erreur.fautes
        return _montrer_le_diplome(request, vue, form)
    return apercu(request, Depot(texte, Origine.PAGE, feuilles()[DIPLOME].titre))


def _montrer_le_diplome(request: HttpRequest, vue: EditionDiplome, form: SourceForm) -> HttpResponse:
    contexte = {"referentiel": vue.edition.referentiel, "vue": vue, "form": form}
    return render(request, "referentiel/modifier_diplome.html", contexte)


def _proposer(
    request: HttpRequest, vue: EditionFeuille, tables: Any, touches: list[str], form: SourceForm
) -> HttpResponse:
    try:
        saisie = form.cleaned_data
        texte = avec_source(tables, vue.feuille.propriete, saisie["nature"], saisie["source"], touches)
    except TableauInvalide as erreur:
        vue.fautes = erreur.fautes
        return _montrer(request, vue, form)
    return apercu(request, Depot(texte, Origine.PAGE, vue.feuille.titre))


def _montrer(request: HttpRequest, vue: EditionFeuille, form: SourceForm) -> HttpResponse:
    contexte = {
        "referentiel": vue.edition.referentiel,
        "vue": vue,
        "lignes": vue.montrees(),
        "porteurs": vue.porteurs,
        "form": form,
    }
    return render(request, "referentiel/modifier_notion.html", contexte)


@requires(Action.IMPORTER_REFERENTIEL)
def composer(request: HttpRequest, pk: int) -> HttpResponse:
    """Une nouvelle version de grille, à partir d'une ancienne : échelle, poids, arrondi, bonus."""
    referentiel = get_object_or_404(Referentiel, pk=pk)
    champs = request.POST if request.method == "POST" else request.GET
    composition = CompositionGrille(Edition(referentiel), champs.get("base", ""))
    form = GrilleComposeeForm(
        request.POST or None, initial=composition.initial(), echelles=composition.echelles()
    )
    contexte = {"referentiel": referentiel, "composition": composition, "form": form}
    if request.method == "POST":
        composition.saisies = request.POST.dict()
        if form.is_valid():
            try:
                texte = composition.texte(form.cleaned_data)
            except TableauInvalide as erreur:
                contexte["fautes"] = erreur.fautes
            else:
                return apercu(request, Depot(texte, Origine.PAGE, f"grille {form.cleaned_data['version']}"))
    return render(request, "referentiel/composer.html", contexte)


def _feuille(notion: str) -> Notion:
    feuille = feuilles().get(notion)
    if feuille is None or notion == DIPLOME:
        raise Http404("Aucune notion de ce nom dans le format.")
    return feuille
