"""Import d'enseignants : le fichier, l'aperçu, la confirmation, puis les accès à remettre."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from livret.administration.enseignants.apercu import NOUVEAU, apercu_enseignants, importer_enseignants
from livret.administration.enseignants.lecture import DITS, LectureEnseignants
from livret.administration.forms.colonnes import colonnes_a_montrer
from livret.administration.forms.enseignants import (
    COMPTES_MAX,
    TROP,
    ConfirmationEnseignantsForm,
    EnseignantsForm,
    sceller_enseignants,
)
from livret.administration.forms.imports import APERCU_CHANGE
from livret.administration.models import ColonnesRetenues
from livret.administration.pages import A, Fil, en_ouverture, etablissement_administre
from livret.administration.remise import page_acces
from livret.personnes.models.compte import Etablissement
from livret.personnes.requete import Requete, saisie
from trpm.acces import requires
from trpm.base.envois import aboutie
from trpm.base.modification import ApercuPerime


def _fil(lieu: Etablissement) -> Fil:
    return [(reverse("livret:comptes", args=[lieu.pk]), "Comptes")]


@requires(A)
@never_cache
def enseignants_import(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    form = EnseignantsForm(saisie(request), request.FILES or None, lieu=lieu.pk)
    if request.method == "POST" and form.is_valid():
        return _page_apercu(request, lieu, form.lue)
    page = {"etablissement": lieu, "onglet": "comptes", "chemin": _fil(lieu), "form": form}
    page["retour"] = "livret:ouverture-equipes" if en_ouverture(request, lieu) else "livret:comptes"
    return render(request, "livret/administration/enseignants.html", page)


@requires(A)
@never_cache
@require_POST
def enseignants_confirmer(request: Requete, pk: int) -> HttpResponse:
    """Applique l'aperçu tel qu'il a été lu, ou le montre à jour."""
    lieu = etablissement_administre(request, pk)
    form = ConfirmationEnseignantsForm(request.POST, lieu=lieu, auteur=request.user)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors.get("etat", ()))))
        return redirect("livret:enseignants-import", pk)
    if len(form.retenus) + len(form.choix) > COMPTES_MAX and _trop(lieu, form):
        messages.error(request, TROP)
        return _page_apercu(request, lieu, form.lecture, form, status=409)
    return _confirmer(request, lieu, form)


def _trop(lieu: Etablissement, form: ConfirmationEnseignantsForm) -> bool:
    choisis = apercu_enseignants(lieu, form.lecture).choisis(form.retenus, form.choix)
    return sum(un.adulte is None for un in choisis) > COMPTES_MAX


def _confirmer(request: Requete, lieu: Etablissement, form: ConfirmationEnseignantsForm) -> HttpResponse:
    try:
        acces, completes = importer_enseignants(
            lieu, form.lecture, form.cleaned_data["empreinte"], form.retenus, form.choix, request.user
        )
        ColonnesRetenues.retenir(lieu.pk, ColonnesRetenues.Genre.ENSEIGNANTS, form.lecture.entetes)
    except (ApercuPerime, IntegrityError):
        messages.error(request, APERCU_CHANGE)
        return _page_apercu(request, lieu, form.lecture, form, status=409)
    suite = "ouverture" if en_ouverture(request, lieu) else "comptes"
    liste = reverse(f"livret:{suite}", args=[lieu.pk])
    if completes:
        s = "s" if completes > 1 else ""
        messages.success(request, f"{completes} compte{s} connu{s} complété{s}.")
    if acces:
        return aboutie(page_acces(request, lieu, acces, _fil(lieu), "Comptes des enseignants"), liste)
    if not completes:
        messages.warning(request, "Rien n’était coché\xa0: rien n’a été écrit.")
    return redirect(liste)


def _page_apercu(
    request: Requete,
    lieu: Etablissement,
    lecture: LectureEnseignants,
    form: ConfirmationEnseignantsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    resultat = apercu_enseignants(lieu, lecture)
    page = {
        "etablissement": lieu,
        "onglet": "comptes",
        "chemin": _fil(lieu),
        "apercu": resultat,
        "designables": colonnes_a_montrer(lecture.entetes, DITS),
        "etat": sceller_enseignants(lecture, lieu, request.user),
        "retenus": form.retenus if form else resultat.proposes,
        "ressemblants": [
            (un, form.choix.get(un.ligne.cle, "") if form else "") for un in resultat.ressemblants
        ],
        "nouveau": NOUVEAU,
    }
    return render(request, "livret/administration/enseignants_apercu.html", page, status=status)
