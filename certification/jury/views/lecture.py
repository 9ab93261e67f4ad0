"""Ce que lit le jury, qui n'a pas de compte : les versions figées, leurs documents et l'archive.

Ces vues sont publiques parce que l'adresse est tout le droit : un secret de 256 bits, donné à une personne,
pour une commission, qui expire et se retire. Elles ne lisent ni session ni compte et n'écrivent que la trace
de ce qui s'ouvre.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from certification.document import tirage
from certification.dossier.models import VersionFigee
from certification.dossier.relecture import version_lue
from certification.jury.models import AccesJury
from certification.lot.archive import archive_remise
from livret.personnes.homonymes import precisions
from trpm.acces import Vue, discret, public
from trpm.garde.reseau import adresse_du_site
from trpm.impression.documents import telechargement


def au_jury(vue: Callable[..., HttpResponse]) -> Vue:
    """Trouve l'accès que nomme l'adresse ; 404 si le secret n'est pas le bon, 410 si l'accès est fermé."""

    @public
    @require_safe
    @discret
    @wraps(vue)
    def enveloppe(request: HttpRequest, pk: int, jeton: str, *args: Any, **kwargs: Any) -> HttpResponse:
        acces = AccesJury.trouver(pk, jeton)
        if acces is None:
            return render(request, "certification/jury/ferme.html", status=404)
        timezone.activate(acces.commission.etablissement.fuseau)
        if motif := acces.fermeture(timezone.now()):
            return render(request, "certification/jury/ferme.html", {"motif": motif}, status=410)
        return vue(request, acces, jeton, *args, **kwargs)

    return enveloppe


@au_jury
def jury(request: HttpRequest, acces: AccesJury, jeton: str) -> HttpResponse:
    acces.noter("La liste des versions figées", timezone.now())
    lues = [version_lue(version) for version in _versions(acces)]
    contexte = {
        "acces": acces,
        "jeton": jeton,
        "commission": acces.commission,
        "versions": list(zip(lues, precisions([lue.grille.candidat for lue in lues]), strict=True)),
    }
    return render(request, "certification/jury/jury.html", contexte)


@au_jury
def jury_document(request: HttpRequest, acces: AccesJury, jeton: str, cle: int, genre: str) -> HttpResponse:
    lu = version_lue(get_object_or_404(_versions(acces), pk=cle))
    nom = tirage.nom_de_version(lu, genre)
    acces.noter(nom[:250], timezone.now())
    return telechargement(tirage.pdf([lu], genre, site=adresse_du_site(request)), nom)


@au_jury
def jury_archive(request: HttpRequest, acces: AccesJury, jeton: str) -> HttpResponse:
    nom = f"Archive {acces.commission}.zip"
    acces.noter(nom[:250], timezone.now())
    return telechargement(archive_remise(acces.commission), nom, "application/zip")


def _versions(acces: AccesJury) -> Any:
    """Toutes les versions figées de la commission, rouvertes comprises : une archive ne choisit pas."""
    siennes = VersionFigee.objects.filter(dossier__commission=acces.commission_id)
    return siennes.select_related(
        "dossier__commission", "dossier__eleve", "figee_par", "rouverte_par", "verification"
    ).order_by("dossier__eleve__nom", "dossier__eleve__prenom", "dossier_id", "numero")
