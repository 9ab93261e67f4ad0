"""Ce que les pages de l'administration partagent : ce que l'on y administre, le fil, les deux formulaires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.db import models, transaction
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Etablissement
from livret.personnes.requete import Requete
from trpm.permissions import Action

A = Action.ADMINISTRER
Fil = Sequence[tuple[str, str]]


def en_ouverture(request: Requete, lieu: Etablissement) -> bool:
    """La personne est venue d'une étape de l'ouverture : elle y retourne."""
    return request.session.get("ouverture") == lieu.pk


def etablissement_administre(request: Requete, pk: int) -> Etablissement:
    return get_object_or_404(Etablissement.objects.for_user(request.user, A), pk=pk)


def classe_administree(request: Requete, pk: int, action: Action = A) -> Classe:
    classes = Classe.objects.for_user(request.user, action).select_related(
        "etablissement", "annee", "promotion__option", "promotion__referentiel"
    )
    return get_object_or_404(classes, pk=pk)


def fil_classes(etablissement: Etablissement, *classes: Classe) -> Fil:
    return [
        (reverse("livret:etablissement", args=[etablissement.pk]), "Classes"),
        *((reverse("livret:classe-effectif", args=[classe.pk]), classe.nom) for classe in classes),
    ]


def page_formulaire(
    request: Requete,
    form: object,
    *,
    etablissement: Etablissement,
    onglet: str,
    titre: str,
    bouton: str,
    fil: Fil,
    **contexte: object,
) -> HttpResponse:
    """La page d'un formulaire ; on en ressort par le dernier lien du fil."""
    page = {
        "form": form,
        "etablissement": etablissement,
        "onglet": onglet,
        "titre": titre,
        "bouton": bouton,
        "chemin": fil,
        "annuler": fil[-1][0],
        **contexte,
    }
    return render(request, "livret/administration/formulaire.html", page)


def page_suppression(
    request: Requete,
    objet: models.Model,
    *,
    etablissement: Etablissement,
    onglet: str,
    fil: Fil,
    retour: str,
    consequence: str,
    plutot: str,
    lies: Iterable[models.QuerySet] = (),
) -> HttpResponse:
    """Demande confirmation, puis supprime ; ce qui porte des traces ne se supprime pas (Q38)."""
    page = {
        "objet": objet,
        "nature": objet._meta.verbose_name,
        "etablissement": etablissement,
        "onglet": onglet,
        "chemin": fil,
        "annuler": fil[-1][0],
        "consequence": consequence,
    }
    if request.method != "POST":
        return render(request, "livret/administration/suppression.html", page)
    try:
        with transaction.atomic():
            for lie in lies:
                lie.delete()
            objet.delete()
    except ProtectedError as erreur:
        page["refus"] = f"Suppression refusée : {objet} est lié à {citations(erreur)}. {plutot}"
        return render(request, "livret/administration/suppression.html", page, status=409)
    messages.success(request, f"{objet} : suppression faite.")
    return redirect(retour)


def citations(erreur: ProtectedError) -> str:
    """Ce qui retient un objet, compté : « 24 évaluations, 1 fiche d’évaluation »."""
    comptes = Counter(type(objet) for objet in erreur.protected_objects)
    noms = {
        modele: modele._meta.verbose_name if nombre == 1 else modele._meta.verbose_name_plural
        for modele, nombre in comptes.items()
    }
    return ", ".join(sorted(f"{nombre} {noms[modele]}" for modele, nombre in comptes.items()))
