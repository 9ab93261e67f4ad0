"""Import des élèves d'une classe : le fichier, l'aperçu, la confirmation."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from livret.administration.apercu_import import LIBELLES_LUS, Apercu, DemandeImport
from livret.administration.forms.colonnes import colonnes_a_montrer
from livret.administration.forms.imports import APERCU_CHANGE, ConfirmationForm, ImportForm, sceller
from livret.administration.import_eleves import NOUVEAU, apercu, confirmer
from livret.administration.models import ColonnesRetenues
from livret.administration.pages import classe_administree, en_ouverture, fil_classes
from livret.personnes.models.classe import Classe
from livret.personnes.requete import Requete, saisie
from trpm.acces import requires
from trpm.base.modification import ApercuPerime
from trpm.permissions import Action

A = Action.IMPORTER_ELEVES


@requires(A)
@never_cache
def eleves_import(request: Requete, pk: int) -> HttpResponse:
    classe = classe_administree(request, pk, A)
    form = ImportForm(saisie(request), request.FILES or None, classe=classe)
    if request.method == "POST" and form.is_valid():
        return _page_apercu(request, classe, form.demande)
    page = {
        "etablissement": classe.etablissement,
        "onglet": "classes",
        "classe": classe,
        "chemin": fil_classes(classe.etablissement, classe),
        "form": form,
    }
    return render(request, "livret/administration/import.html", page)


@requires(A)
@never_cache
@require_POST
def eleves_import_apercu(request: Requete, pk: int) -> HttpResponse:
    """Actualise l'aperçu selon les choix faits, ou l'applique."""
    classe = classe_administree(request, pk, A)
    form = ConfirmationForm(request.POST, classe=classe, auteur=request.user)
    valide = form.is_valid()
    if "etat" in form.errors:
        messages.error(request, " ".join(map(str, form.errors["etat"])))
        return redirect("livret:eleves-import", pk)
    if not valide or request.POST.get("acte") != "confirmer":
        return _page_apercu(request, classe, form.demande, form)
    return _confirmer(request, classe, form)


def _confirmer(request: Requete, classe: Classe, form: ConfirmationForm) -> HttpResponse:
    donnees = form.cleaned_data
    try:
        fait = confirmer(
            classe, form.demande, donnees["empreinte"], donnees["parti"], donnees["sortie"], request.user
        )
        lieu = classe.etablissement_id
        ColonnesRetenues.retenir(lieu, ColonnesRetenues.Genre.ELEVES, form.demande.fichier.entetes)
    except (ApercuPerime, IntegrityError):
        messages.error(request, APERCU_CHANGE)
        return _page_apercu(request, classe, form.demande, form, status=409)
    messages.success(request, _resume(fait, donnees["parti"]))
    if en_ouverture(request, classe.etablissement):
        return redirect(reverse("livret:ouverture-eleves", args=[classe.etablissement_id]) + "?suite=1")
    return redirect("livret:classe-effectif", classe.pk)


def _resume(fait: Apercu, partis: set[int]) -> str:
    departs = sum(absent.scolarite.pk in partis for absent in fait.absents)
    nombres = [
        (len(fait.nouveaux), "créé"),
        (len(fait.modifies), "modifié"),
        (departs, "marqué parti"),
        (len(fait.inchanges), "inchangé"),
    ]
    accords = {"marqué parti": "marqués partis"}
    return "Import terminé : " + ", ".join(
        f"{nombre} {accords.get(quoi, f'{quoi}s') if nombre > 1 else quoi}" for nombre, quoi in nombres
    ) + "."  # fmt: skip


def _depart(classe: Classe) -> dict[str, object]:
    return {"sortie": classe.annee.jour_proche(timezone.localdate())}


def _page_apercu(
    request: Requete,
    classe: Classe,
    demande: DemandeImport,
    form: ConfirmationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    resultat = apercu(classe, demande)
    page = {
        "etablissement": classe.etablissement,
        "onglet": "classes",
        "classe": classe,
        "chemin": fil_classes(classe.etablissement, classe),
        "apercu": resultat,
        "fichier": demande.fichier,
        "statut": demande.statut,
        "designables": colonnes_a_montrer(demande.fichier.entetes, LIBELLES_LUS),
        "etat": sceller(demande, classe, request.user),
        "form": form or ConfirmationForm(classe=classe, auteur=request.user, initial=_depart(classe)),
        "nouveau": NOUVEAU,
        "partis": form.cleaned_data.get("parti", set()) if form else resultat.sortis,
    }
    return render(request, "livret/administration/import_apercu.html", page, status=status)
