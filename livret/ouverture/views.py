"""L'ouverture, pas à pas : d'une base vide à un enseignant qui note. Chaque page se quitte et se reprend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from livret.administration.comptes import AccesCompte
from livret.administration.forms.enseignants import EnseignantsForm
from livret.administration.forms.imports import ImportForm
from livret.administration.pages import A, etablissement_administre
from livret.annee import rentree
from livret.ouverture.annonce import oublier
from livret.ouverture.etapes import ouverture_de
from livret.ouverture.forms import (
    AnneeOuverteForm,
    ClassesNeuves,
    Equipes,
    EtablissementNeufForm,
    ListesForm,
    MoiForm,
    PremierCompteForm,
)
from livret.ouverture.models import installation_neuve
from livret.ouverture.pfmp import PeriodesForm
from livret.ouverture.restauration import CodeForm, RestaurationForm
from livret.personnes.classes import avec_effectif
from livret.personnes.models.classe import Classe, ClasseQuerySet
from livret.personnes.models.compte import Etablissement
from livret.personnes.requete import Requete, saisie
from trpm.acces import connecte, public, requires
from trpm.base.envois import aboutie
from trpm.comptes.bienvenue import lien_de_bienvenue
from trpm.comptes.session import QUI_OUVRE
from trpm.dates import date_dite
from trpm.garde.reseau import adresse_du_site
from trpm.impression.qr import qr
from trpm.textes import pluriel


@public
@never_cache
def ouverture(request: HttpRequest) -> HttpResponse:
    """La première page d'une installation neuve ; ensuite, elle mène à la connexion."""
    if not installation_neuve():
        return redirect("connexion")
    form = PremierCompteForm(request.POST if request.method == "POST" else None)
    with transaction.atomic():
        valide = request.method == "POST" and form.is_valid()
        compte = form.save() if valide else None
    if compte:
        oublier()
        login(request, compte, backend=QUI_OUVRE)
        return redirect("livret:ouverture-etablissement")
    return render(request, "livret/ouverture/ouverture.html", {"form": form, "code": _code_seul()})


def _code_seul(donnees: QueryDict | None = None) -> CodeForm:
    return CodeForm(donnees, auto_id="restaurer_%s")


@public
@never_cache
@require_POST
def ouverture_restaurer(request: HttpRequest) -> HttpResponse:
    """Après le code : quelle sauvegarde rétablir, puis l'établissement tel qu'il était. Sans transaction."""
    if not installation_neuve():
        return redirect("connexion")
    if "choix" not in request.POST:
        code = _code_seul(request.POST)
        if not code.is_valid():
            page = {"form": PremierCompteForm(), "code": code}
            return render(request, "livret/ouverture/ouverture.html", page)
        form = RestaurationForm(initial=code.cleaned_data)
    else:
        form = RestaurationForm(request.POST, request.FILES)
        if form.is_valid() and (prise_le := form.reprendre()):
            jour = date_dite(prise_le)
            messages.success(request, f"Sauvegarde du {jour} rétablie\xa0: entrez avec votre compte d’alors.")
            return redirect("connexion")
    return render(request, "livret/ouverture/restaurer.html", {"form": form})


@connecte
def ouverture_etablissement(request: Requete) -> HttpResponse:
    """Un établissement de plus : réservé à qui tient l'installation."""
    if not request.user.is_superuser:
        raise PermissionDenied("Seule la personne qui tient l’installation ouvre un établissement.")
    form = EtablissementNeufForm(saisie(request))
    if request.method == "POST" and form.is_valid():
        lieu = form.ouvrir(request.user)
        messages.success(request, f"{lieu} est ouvert\xa0; vous l’administrez.")
        return redirect("livret:ouverture-classes", lieu.pk)
    return render(request, "livret/ouverture/etablissement.html", {"form": form})


@requires(A)
def ouverture_etapes(request: Requete, pk: int) -> HttpResponse:
    """Ce qui est fait, ce qui reste, et le bouton qui y mène."""
    lieu = etablissement_administre(request, pk)
    if ouverture_de(lieu).finie:
        request.session.pop("ouverture", None)
    return _page(request, lieu, "")


def _page(request: Requete, lieu: Etablissement, etape: str, **contexte: Any) -> HttpResponse:
    ouvert = ouverture_de(lieu)
    page = {"etablissement": lieu, "ouverture": ouvert, "etape": etape, "onglet": "ouverture", **contexte}
    if etape:
        page["courante"] = next(une for une in ouvert.etapes if une.nom == etape)
        page["apres"] = ouvert.apres(etape)
    return render(request, f"livret/ouverture/{etape or 'etapes'}.html", page)


def _ensuite(lieu: Etablissement, etape: str) -> HttpResponse:
    suite = ouverture_de(lieu).apres(etape)
    return redirect(suite.adresse if suite else reverse("livret:ouverture", args=[lieu.pk]))


@requires(A)
def ouverture_classes(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    annee = AnneeOuverteForm(saisie(request), initial={"annee": rentree(timezone.localdate())})
    classes = ClassesNeuves(saisie(request), etablissement=lieu)
    if request.method == "POST" and annee.is_valid() and classes.is_valid():
        ouvertes = classes.ouvrir(annee.cleaned_data["annee"])
        if ouvertes:
            messages.success(request, f"{len(ouvertes)} classe{pluriel(len(ouvertes))} en place.")
            return _ensuite(lieu, "classes")
        messages.error(request, "Décrivez au moins une classe.")
    return _page(request, lieu, "classes", annee=annee, classes=classes)


def _classes(lieu: Etablissement) -> ClasseQuerySet:
    """Celles de la dernière année ouverte dans l'établissement."""
    siennes = Classe.objects.filter(etablissement=lieu)
    derniere = siennes.order_by("-annee__debut").values("annee")[:1]
    return siennes.filter(annee__in=list(derniere.values_list("annee", flat=True))).select_related(
        "annee", "promotion__option", "promotion__referentiel", "etablissement"
    )


@requires(A)
def ouverture_eleves(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    classes = avec_effectif(_classes(lieu))
    if "suite" in request.GET and not _classes(lieu).filter(scolarites=None).exists():
        return _ensuite(lieu, "eleves")
    form = ListesForm(saisie(request), classes=classes)
    if request.method == "POST" and form.is_valid():
        inscrits = form.inscrire(request.user)
        if not form.errors:
            messages.success(request, f"{inscrits} élève{pluriel(inscrits)} de plus.")
            return _ensuite(lieu, "eleves")
    request.session["ouverture"] = lieu.pk
    fichiers = {une.pk: ImportForm(classe=une, auto_id=f"{une.pk}_%s") for une in form.classes}
    lignes = [(une, champ, fichiers[une.pk]) for une, champ in form.lignes()]
    return _page(request, lieu, "eleves", form=form, lignes=lignes)


@requires(A)
def ouverture_pfmp(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    form = PeriodesForm(saisie(request), classes=_classes(lieu))
    if request.method == "POST" and form.is_valid():
        prevues = form.prevoir()
        messages.success(request, f"{prevues} période{pluriel(prevues)} de PFMP.")
        return _ensuite(lieu, "pfmp")
    return _page(request, lieu, "pfmp", form=form)


def _feuilles(request: Requete, acces: Sequence[AccesCompte]) -> list[tuple[AccesCompte, str, str]]:
    """Ce que l'on remet à chacun, son lien d'invitation et le dessin de ce lien."""
    site = adresse_du_site(request)
    liens = [lien_de_bienvenue(remis.compte, site) for remis in acces]
    return [
        (remis, lien, qr(lien, f"QR code de l’invitation de {remis.nom}"))
        for remis, lien in zip(acces, liens, strict=True)
    ]


@requires(A)
@never_cache
def ouverture_equipes(request: Requete, pk: int) -> HttpResponse:
    """Les comptes, leurs rôles, leurs classes ; puis les mots de passe, montrés une fois. Ou un fichier, dont
    l'import ramène ici."""
    lieu = etablissement_administre(request, pk)
    classes = _classes(lieu).annotate(membres=Count("equipe")).order_by("nom")
    form = Equipes(saisie(request), form_kwargs={"classes": classes})
    moi = MoiForm(saisie(request), classes=classes)
    if request.method == "POST" and form.is_valid() and moi.is_valid():
        acces = form.ouvrir(lieu)
        moi.prendre(request.user, lieu)
        request.session.pop("ouverture", None)
        page = {"acces": acces, "feuilles": _feuilles(request, acces)}
        page["connexion"] = request.build_absolute_uri(reverse("connexion"))
        fin = reverse("livret:ouverture", args=[lieu.pk])
        return aboutie(_page(request, lieu, "", **page), fin)
    request.session["ouverture"] = lieu.pk
    fichier = EnseignantsForm(lieu=lieu.pk, auto_id="fichier_%s")
    return _page(request, lieu, "equipes", form=form, moi=moi, fichier=fichier, classes=classes)
