"""Administration de l'établissement : identité, années, promotions et classes."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from livret.administration.forms.etablissement import (
    AnneeForm,
    ClasseForm,
    EtablissementForm,
    PromotionForm,
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
from livret.annee import rentree
from livret.personnes.models.classe import AnneeScolaire, Classe, Promotion
from livret.personnes.models.compte import Etablissement
from livret.personnes.requete import Requete, saisie
from trpm.acces import requires
from trpm.sauvegarde.etat import etat_des_sauvegardes

# --- Établissement ----------------------------------------------------------------------------


@requires(A)
def administration(request: Requete) -> HttpResponse:
    """Le choix de l'établissement, quand la personne en administre plusieurs."""
    etablissements = list(Etablissement.objects.for_user(request.user, A))
    if len(etablissements) == 1:
        return redirect("livret:etablissement", etablissements[0].pk)
    return render(request, "livret/administration/choix.html", {"etablissements": etablissements})


@requires(A)
def etablissement(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    classes = (
        lieu.classes.select_related("annee", "promotion__option")
        .annotate(
            effectif=Count("scolarites", filter=Q(scolarites__sortie__isnull=True), distinct=True),
            enseignants=Count("equipe", distinct=True),
        )
        .order_by("-annee__debut", "nom")
    )
    annees = [(annee, list(groupe)) for annee, groupe in groupby(classes, lambda classe: classe.annee)]
    page = {
        "etablissement": lieu,
        "onglet": "classes",
        "annees": annees,
        "promotions": lieu.promotions.exists(),
        "annees_ouvertes": AnneeScolaire.objects.exists(),
        "sauvegardes": etat_des_sauvegardes(),
    }
    return render(request, "livret/administration/classes.html", page)


@requires(A)
def etablissement_update(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    nom = lieu.nom
    form = EtablissementForm(saisie(request), instance=lieu)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "L’établissement est enregistré.")
        return redirect("livret:etablissement-update", pk)
    return page_formulaire(
        request,
        form,
        etablissement=lieu,
        nom_enregistre=nom,
        onglet="etablissement",
        titre="Établissement",
        bouton="Enregistrer l’établissement",
        fil=[(reverse("livret:etablissement", args=[pk]), nom)],
    )


@requires(A)
def annee_create(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    annee = rentree(timezone.localdate())
    form = AnneeForm(saisie(request), initial={"debut": annee})
    if request.method == "POST" and form.is_valid():
        messages.success(request, f"L’année scolaire {form.save()} est ouverte.")
        return redirect("livret:etablissement", pk)
    return page_formulaire(
        request,
        form,
        etablissement=lieu,
        onglet="classes",
        titre="Ouvrir une année scolaire",
        bouton="Ouvrir l’année scolaire",
        aide=", ".join(map(str, AnneeScolaire.objects.all())),
        aide_titre="Années déjà ouvertes :",
        fil=fil_classes(lieu),
    )


# --- Promotions -------------------------------------------------------------------------------


def fil_promotions(lieu: Etablissement) -> Fil:
    return [(reverse("livret:promotions", args=[lieu.pk]), "Promotions")]


@requires(A)
def promotions(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    liste = (
        lieu.promotions.select_related("referentiel", "option", "grille")
        .annotate(effectif=Count("eleves", distinct=True), divisions=Count("classes", distinct=True))
        .order_by("-session", "nom")
    )
    page = {"etablissement": lieu, "onglet": "promotions", "promotions": liste}
    return render(request, "livret/administration/promotions.html", page)


def _promotion(request: Requete, promotion: Promotion | None, lieu: Etablissement) -> HttpResponse:
    form = PromotionForm(saisie(request), instance=promotion, etablissement=lieu)
    if request.method == "POST" and form.is_valid():
        messages.success(request, f"La promotion {form.save()} est enregistrée.")
        return redirect("livret:promotions", lieu.pk)
    return page_formulaire(
        request,
        form,
        etablissement=lieu,
        onglet="promotions",
        titre=f"Modifier la promotion {form.initial['nom']}" if promotion else "Nouvelle promotion",
        bouton="Enregistrer la promotion" if promotion else "Créer la promotion",
        supprimer=promotion and reverse("livret:promotion-delete", args=[promotion.pk]),
        fil=fil_promotions(lieu),
    )


@requires(A)
def promotion_create(request: Requete, pk: int) -> HttpResponse:
    return _promotion(request, None, etablissement_administre(request, pk))


def _promotion_administree(request: Requete, pk: int) -> Promotion:
    promotions = Promotion.objects.for_user(request.user, A).select_related("etablissement", "referentiel")
    return get_object_or_404(promotions, pk=pk)


@requires(A)
def promotion_update(request: Requete, pk: int) -> HttpResponse:
    promotion = _promotion_administree(request, pk)
    return _promotion(request, promotion, promotion.etablissement)


@requires(A)
def promotion_delete(request: Requete, pk: int) -> HttpResponse:
    promotion = _promotion_administree(request, pk)
    return page_suppression(
        request,
        promotion,
        etablissement=promotion.etablissement,
        onglet="promotions",
        fil=[
            *fil_promotions(promotion.etablissement),
            (reverse("livret:promotion-update", args=[pk]), promotion.nom),
        ],
        retour=reverse("livret:promotions", args=[promotion.etablissement_id]),
        consequence=f"La promotion {promotion} disparaîtra.",
        plutot="Une promotion qui a servi se garde.",
    )


# --- Classes ----------------------------------------------------------------------------------


def _classe(request: Requete, classe: Classe | None, lieu: Etablissement) -> HttpResponse:
    form = ClasseForm(saisie(request), instance=classe, etablissement=lieu)
    if request.method == "POST" and form.is_valid():
        enregistree = form.save()
        messages.success(request, f"La classe {enregistree} est enregistrée.")
        return redirect("livret:classe-effectif", enregistree.pk)
    return page_formulaire(
        request,
        form,
        etablissement=lieu,
        onglet="classes",
        titre=f"Modifier la classe {form.initial['nom']}" if classe else "Nouvelle classe",
        bouton="Enregistrer la classe" if classe else "Créer la classe",
        supprimer=classe and reverse("livret:classe-delete", args=[classe.pk]),
        fil=fil_classes(lieu, classe) if classe else fil_classes(lieu),
    )


@requires(A)
def classe_create(request: Requete, pk: int) -> HttpResponse:
    return _classe(request, None, etablissement_administre(request, pk))


@requires(A)
def classe_update(request: Requete, pk: int) -> HttpResponse:
    classe = classe_administree(request, pk)
    return _classe(request, classe, classe.etablissement)


@requires(A)
def classe_delete(request: Requete, pk: int) -> HttpResponse:
    classe = classe_administree(request, pk)
    return page_suppression(
        request,
        classe,
        etablissement=classe.etablissement,
        onglet="classes",
        fil=fil_classes(classe.etablissement, classe),
        retour=reverse("livret:etablissement", args=[classe.etablissement_id]),
        consequence=f"La classe {classe} de l’année {classe.annee} disparaîtra.",
        plutot="Une classe qui a servi se garde.",
    )
