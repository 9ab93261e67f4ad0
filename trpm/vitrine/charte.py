"""La charte : chaque composant des pages, vivant, pour qui développe. Ses images sont comparées en test."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trpm.acces import public


@public
@require_safe
def charte(request: HttpRequest) -> HttpResponse:
    """404 hors développement."""
    if not settings.DEBUG:
        raise Http404
    champs = {
        "nom": forms.CharField(label="Nom", help_text="Comme sur la liste d’émargement."),
        "classe": forms.ChoiceField(label="Classe", choices=[("", "choisir"), ("t", "Tle TRPM RSP")]),
        "jour": forms.CharField(label="Jour", max_length=3),
        "publier": forms.BooleanField(label="Publier aussitôt", required=False),
    }
    form = type("CharteForm", (forms.Form,), champs)({"nom": "", "classe": "t", "jour": "31 février"})
    return render(request, "vitrine/charte.html", {"form": form, "symboles": SYMBOLES})


SYMBOLES = [
    {"code": code, "libelle": libelle, "symbole": symbole}
    for code, libelle, symbole in (
        ("0", "Non maîtrisé", "vide"),
        ("1", "Insuffisamment maîtrisé", "quart"),
        ("2", "Partiellement maîtrisé", "demi"),
        ("3", "Bien maîtrisé", "plein"),
    )
]
