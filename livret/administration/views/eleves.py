"""Administration des élèves : listes, fiches, inscriptions dans les classes et départs."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.administration.forms.etablissement import (
    EleveForm,
    InscriptionForm,
    RechercheForm,
    SortieForm,
)
from livret.administration.pages import (
    A,
    Fil,
    classe_administree,
    etablissement_administre,
    fil_classes,
    page_formulaire,
    page_suppression,
)
from livret.personnes.alphabet import alphabetique
from livret.personnes.identifiants import ine_reconnu
from livret.personnes.models.compte import Etablissement
from livret.personnes.models.eleve import Eleve, Scolarite
from livret.personnes.requete import Requete, saisie
from trpm.acces import requires
from trpm.dates import date_dite
from trpm.textes import pluriel

PAR_PAGE = 50


def _eleve(request: Requete, pk: int) -> Eleve:
    eleves = Eleve.objects.for_user(request.user, A).select_related(
        "etablissement", "promotion__referentiel", "utilisateur", "option"
    )
    return get_object_or_404(eleves, pk=pk)


def _scolarite(request: Requete, pk: int) -> Scolarite:
    scolarites = Scolarite.objects.for_user(request.user, A).select_related(
        "eleve", "classe__annee", "classe__etablissement"
    )
    return get_object_or_404(scolarites, pk=pk)


def _fil(lieu: Etablissement, *eleves: Eleve) -> Fil:
    return [
        (reverse("livret:eleves", args=[lieu.pk]), "Élèves"),
        *((reverse("livret:eleve-update", args=[eleve.pk]), str(eleve)) for eleve in eleves),
    ]


@requires(A)
def eleves(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    form = RechercheForm(request.GET, etablissement=lieu)
    d_ici = Scolarite.objects.filter(classe__origine="")
    parcours = d_ici.select_related("classe__annee").order_by("-classe__annee__debut", "-pk")
    trouves = form.filtre(Eleve.objects.for_user(request.user, A).filter(etablissement=lieu)).select_related(
        "promotion", "option", "utilisateur"
    )
    pages = Paginator(trouves.prefetch_related(Prefetch("scolarites", parcours)), PAR_PAGE)
    requete = request.GET.copy()
    requete.pop("page", None)
    page = {
        "etablissement": lieu,
        "onglet": "eleves",
        "form": form,
        "page": pages.get_page(request.GET.get("page")),
        "filtre": requete.urlencode(),
    }
    return render(request, "livret/administration/eleves.html", page)


@requires(A)
def classe_effectif(request: Requete, pk: int) -> HttpResponse:
    classe = classe_administree(request, pk)
    scolarites = classe.scolarites.select_related(
        "eleve__option", "eleve__statut", "eleve__utilisateur"
    ).order_by(*alphabetique("eleve__"))
    presents = [scolarite for scolarite in scolarites if scolarite.sortie is None]
    page = {
        "etablissement": classe.etablissement,
        "onglet": "classes",
        "classe": classe,
        "presents": presents,
        "partis": [scolarite for scolarite in scolarites if scolarite.sortie],
        "sans_compte": sum(scolarite.eleve.utilisateur_id is None for scolarite in presents),
        "equipe": classe.equipe.order_by(*alphabetique(champs=("last_name", "first_name"))),
    }
    return render(request, "livret/administration/effectif.html", page)


@requires(A)
@transaction.atomic
def eleve_create(request: Requete, pk: int) -> HttpResponse:
    classe = classe_administree(request, pk)
    form = EleveForm(
        saisie(request), etablissement=classe.etablissement, promotion=classe.promotion, classe=classe
    )
    if request.method == "POST" and form.is_valid():
        eleve = form.save()
        Scolarite.objects.create(eleve=eleve, classe=classe)
        _annoncer(request, eleve)
        return redirect("livret:classe-effectif", pk)
    return page_formulaire(
        request,
        form,
        etablissement=classe.etablissement,
        onglet="classes",
        titre=f"Nouvel élève en {classe}",
        bouton="Créer l’élève",
        fil=fil_classes(classe.etablissement, classe),
    )


def _annoncer(request: Requete, eleve: Eleve) -> None:
    messages.success(request, f"La fiche de {eleve} est enregistrée.")
    if eleve.ine and not ine_reconnu(eleve.ine):
        messages.warning(
            request, f"L’INE « {eleve.ine} » ne suit aucune forme connue ; il est gardé tel quel."
        )


@requires(A)
def eleve_update(request: Requete, pk: int) -> HttpResponse:
    eleve = _eleve(request, pk)
    nom, promotion, lieu = str(eleve), eleve.promotion, eleve.etablissement
    form = EleveForm(saisie(request), instance=eleve, etablissement=lieu, promotion=promotion)
    if request.method == "POST" and form.is_valid():
        _annoncer(request, form.save())
        return redirect("livret:eleve-update", pk)
    page = {
        "etablissement": lieu,
        "onglet": "eleves",
        "chemin": _fil(lieu),
        "eleve": eleve,
        "nom": nom,
        "form": form,
        "scolarites": eleve.scolarites.select_related("classe__annee").order_by("-classe__annee__debut"),
        "changements": eleve.changements.select_related("avant__referentiel", "apres__referentiel", "par"),
    }
    return render(request, "livret/administration/eleve.html", page)


@requires(A)
def eleve_delete(request: Requete, pk: int) -> HttpResponse:
    eleve = _eleve(request, pk)
    return page_suppression(
        request,
        eleve,
        etablissement=eleve.etablissement,
        onglet="eleves",
        fil=_fil(eleve.etablissement, eleve),
        retour=reverse("livret:eleves", args=[eleve.etablissement_id]),
        consequence=f"La fiche de {eleve} et ses inscriptions dans les classes disparaîtront.",
        plutot="Marquez plutôt l’élève comme parti, depuis sa fiche.",
        lies=[eleve.scolarites.all()],
    )


# --- Scolarités -------------------------------------------------------------------------------


@requires(A)
def classe_inscrire(request: Requete, pk: int) -> HttpResponse:
    classe = classe_administree(request, pk)
    form = InscriptionForm(saisie(request), classe=classe)
    if request.method == "POST" and form.is_valid():
        nombre = len(form.save())
        s = pluriel(nombre)
        messages.success(request, f"{nombre} élève{s} inscrit{s} en {classe}.")
        return redirect("livret:classe-effectif", pk)
    return page_formulaire(
        request,
        form,
        etablissement=classe.etablissement,
        onglet="classes",
        titre=f"Inscrire des élèves en {classe}",
        bouton="Inscrire ces élèves",
        aide="Élèves de la promotion qui ne sont pas encore dans la classe. Pour un élève d’une autre "
        "promotion, choisissez plutôt « Changer de promotion ou de diplôme ».",
        fil=fil_classes(classe.etablissement, classe),
    )


@requires(A)
def scolarite_sortie(request: Requete, pk: int) -> HttpResponse:
    """Marque l'élève parti de la classe, à une date ; rien de ce qu'il a fait ne s'efface."""
    scolarite = _scolarite(request, pk)
    lieu, classe, eleve = scolarite.classe.etablissement, scolarite.classe, scolarite.eleve
    jour = classe.annee.jour_proche(timezone.localdate())
    form = SortieForm(saisie(request), scolarite=scolarite, initial={"sortie": jour})
    if request.method == "POST" and form.is_valid():
        scolarite.sortir(form.cleaned_data["sortie"])
        jour_dit = date_dite(form.cleaned_data["sortie"])
        messages.success(request, f"{eleve} est sorti de {classe} le {jour_dit}.")
        return redirect("livret:classe-effectif", classe.pk)
    return page_formulaire(
        request,
        form,
        etablissement=lieu,
        onglet="classes",
        titre=f"Départ de {eleve}",
        bouton="Marquer comme parti",
        aide=f"L’élève quittera la liste de {classe}. Ses niveaux et son livret sont gardés.",
        fil=fil_classes(lieu, classe),
    )


@requires(A)
@require_POST
def scolarite_retour(request: Requete, pk: int) -> HttpResponse:
    scolarite = _scolarite(request, pk)
    scolarite.revenir()
    messages.success(request, f"{scolarite.eleve} est de nouveau en {scolarite.classe}.")
    return redirect("livret:classe-effectif", scolarite.classe_id)


@requires(A)
def scolarite_delete(request: Requete, pk: int) -> HttpResponse:
    """Retire une inscription faite par erreur ; refusé dès que l'élève a été évalué dans la classe."""
    scolarite = _scolarite(request, pk)
    classe, eleve = scolarite.classe, scolarite.eleve
    page = {
        "etablissement": classe.etablissement,
        "onglet": "classes",
        "chemin": fil_classes(classe.etablissement, classe),
        "annuler": reverse("livret:classe-effectif", args=[classe.pk]),
        "objet": scolarite,
        "nature": "inscription",
        "consequence": f"{eleve} ne sera plus inscrit en {classe}. Sa fiche d’élève est gardée.",
    }
    if request.method != "POST":
        return render(request, "livret/administration/suppression.html", page)
    if saisies := scolarite.saisies():
        s = pluriel(saisies)
        page["refus"] = (
            f"Retrait refusé : {saisies} saisie{s} évalue{pluriel(saisies, 'nt')} {eleve} dans cette classe. "
            "Marquez plutôt l’élève comme parti."
        )
        return render(request, "livret/administration/suppression.html", page, status=409)
    scolarite.delete()
    messages.success(request, f"{eleve} n’est plus inscrit en {classe}.")
    return redirect("livret:classe-effectif", classe.pk)
