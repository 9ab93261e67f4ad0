"""Demander un lot, le suivre, l'annuler, le télécharger."""

from tempfile import SpooledTemporaryFile
from typing import IO
from zipfile import ZIP_STORED, ZipFile

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from certification.commission.models import Commission
from certification.document.genres import LOTS
from certification.lot import tirages
from certification.lot.models import (
    ARCHIVE,
    PATIENCE,
    AvancementLot,
    Lot,
)
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.base.signature import empreinte_de_la_cle
from trpm.garde.reseau import adresse_du_site
from trpm.impression.documents import TYPE_PDF, nom_de_fichier
from trpm.permissions import Action
from trpm.taches.file import quelqu_un_travaille

TYPE_ZIP = "application/zip"
MEMOIRE = 16 * 1024 * 1024


@requires(Action.IMPRIMER_DOSSIER)
@require_POST
def creation(request: Requete, pk: int) -> HttpResponse:
    commission = get_object_or_404(Commission.objects.for_user(request.user, Action.IMPRIMER_DOSSIER), pk=pk)
    genre = request.POST.get("genre", "")
    if genre not in LOTS:
        messages.error(
            request, "Choisissez ce qu’il faut produire : grilles, dossiers, les deux ou l’archive."
        )
        return redirect(commission)
    try:
        demande = tirages.demander(
            commission,
            genre,
            request.user,
            recto_verso="recto_verso" in request.POST,
            site=adresse_du_site(request),
        )
        return redirect(demande)
    except ValidationError as refus:
        messages.error(request, " ".join(refus.messages))
        return redirect(commission)


@requires(Action.IMPRIMER_DOSSIER)
def lot(request: Requete, pk: int) -> HttpResponse:
    suivi = _lot(request, pk)
    avancement = suivi.avancement()
    contexte = {
        "lot": suivi,
        "commission": suivi.commission,
        "avancement": avancement,
        "cle": empreinte_de_la_cle() if suivi.compose.signe else "",
        "sans_ouvrier": avancement.en_cours and _personne_ne_travaille(suivi),
    }
    gabarit = "certification/lot/_lot.html" if request.htmx else "certification/lot/lot.html"
    return render(request, gabarit, contexte)


@requires(Action.IMPRIMER_DOSSIER)
@require_POST
def retrait(request: Requete, pk: int) -> HttpResponse:
    suivi = _lot(request, pk)
    suivi.retirer()
    messages.success(request, "Lot retiré : rien ne sera plus produit, les fichiers sont effacés.")
    return redirect(suivi)


@requires(Action.IMPRIMER_DOSSIER)
def fichier(request: Requete, pk: int) -> FileResponse:
    """Le fichier unique, ou l'archive."""
    suivi = _lot(request, pk)
    final = _produits(suivi).final
    if final is None:
        raise Http404
    suivi.recevoir(request.user)
    type_mime = TYPE_ZIP if final.piece == ARCHIVE else TYPE_PDF
    return _telechargement(final.fichier.open(), final.nom, type_mime)


@requires(Action.IMPRIMER_DOSSIER)
def dossier_zip(request: Requete, pk: int) -> FileResponse:
    """Un fichier par candidat, sous son nom."""
    suivi = _lot(request, pk)
    sortie: IO[bytes] = SpooledTemporaryFile(max_size=MEMOIRE)  # noqa: SIM115 : la réponse le ferme
    with ZipFile(sortie, "w", ZIP_STORED) as archive:
        for document in _produits(suivi).produits:
            with document.fichier.open() as contenu:
                archive.writestr(document.nom, contenu.read())
    sortie.seek(0)
    suivi.recevoir(request.user)
    return _telechargement(sortie, f"{nom_de_fichier(str(suivi))}.zip", TYPE_ZIP)


def _lot(request: Requete, pk: int) -> Lot:
    siens = Lot.objects.for_user(request.user, Action.IMPRIMER_DOSSIER)
    return get_object_or_404(siens.select_related("commission__epreuve", "demande_par"), pk=pk)


def _produits(suivi: Lot) -> AvancementLot:
    avancement = suivi.avancement()
    if avancement.retire or not avancement.fini or not avancement.produits:
        raise Http404
    return avancement


def _personne_ne_travaille(suivi: Lot) -> bool:
    return timezone.now() - suivi.demande_le > PATIENCE and not quelqu_un_travaille()


def _telechargement(contenu: IO[bytes], nom: str, type_mime: str) -> FileResponse:
    """`filename` et non un en-tête : celui-ci cède au nom du fichier gardé, « 25-1.pdf »."""
    return FileResponse(
        contenu,
        as_attachment=True,
        filename=nom,
        content_type=type_mime,
        headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
    )
