"""Demander un lot, et tirer l'un de ses documents."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from certification.commission.models import Commission
from certification.document import tirage
from certification.document.genres import LOTS, GenreDeLot
from certification.document.releves import proces_verbal
from certification.dossier.models import Dossier
from certification.dossier.resultats import DossierLu, dossier_lu, dossiers_lus
from certification.lot import archive
from certification.lot.models import (
    ARCHIVE,
    ENSEMBLE,
    PV,
    Lot,
    Tirage,
)
from livret.models import Utilisateur
from trpm.impression.assemblage import pdf_reunis
from trpm.impression.documents import nom_de_fichier

journal = logging.getLogger(__name__)
OUBLI = timedelta(hours=1)


@transaction.atomic
def demander(
    commission: Commission, genre: str, par: Utilisateur, *, recto_verso: bool = False, site: str = ""
) -> Lot:
    """Inscrit le lot dans la file ; s'il y en a déjà un pareil en train de se faire, c'est lui.

    `site` : l'adresse absolue où mènent les QR codes ; l'ouvrier, lui, ne reçoit aucune requête.
    """
    Commission.objects.select_for_update(of=("self",)).get(pk=commission.pk)
    for lot in commission.lots.filter(genre=genre, recto_verso=recto_verso, retire_le__isnull=True):
        if lot.avancement().en_cours:
            return lot
    lus = dossiers_lus(commission.dossiers.vivants())
    if not lus:
        raise ValidationError("Aucun candidat n’est devant la commission : il n’y a rien à imprimer.")
    if LOTS[genre].signe and not any(lu.fige for lu in lus):
        raise ValidationError(
            "Aucun dossier n’est figé : une archive ne contient que ce que le président a figé."
        )
    lot = Lot.objects.create(
        commission=commission, genre=genre, demande_par=par, recto_verso=recto_verso, site=site
    )
    tirages = list(_tirages(lot, lus))
    for rang, piece in enumerate(tirages, start=1):
        piece.rang = rang
    Tirage.objects.bulk_create(tirages)
    lot.enfiler()
    return lot


def _tirages(lot: Lot, lus: list[DossierLu]) -> Iterator[Tirage]:
    pris = Counter[str]()
    for lu in lus:
        motif, ecarte = _remarque(lu, lot.compose)
        etat = Tirage.Etat.ECARTE if ecarte else Tirage.Etat.A_FAIRE
        for genre in lot.compose.documents:
            nom = _nom_libre(genre.nom(lu.nom, lu.grille.epreuve.code), pris)
            yield Tirage(lot=lot, piece=genre.code, dossier=lu.dossier, nom=nom, etat=etat, motif=motif)
    if lot.compose.proces_verbal:
        yield Tirage(lot=lot, piece=PV, nom=_nom_libre(f"Procès-verbal {lot.commission}", pris))
    if lot.compose.signe:
        yield Tirage(lot=lot, piece=ARCHIVE, nom=f"{nom_de_fichier(f'Archive {lot.commission}')}.zip")
    else:
        yield Tirage(lot=lot, piece=ENSEMBLE, nom=f"{nom_de_fichier(str(lot))}.pdf")


def _nom_libre(nom: str, pris: Counter[str]) -> str:
    """Deux homonymes ne s'écrasent pas."""
    propre = nom_de_fichier(nom)[:180]
    pris[propre.casefold()] += 1
    rang = pris[propre.casefold()]
    return f"{propre} ({rang}).pdf" if rang > 1 else f"{propre}.pdf"


def _remarque(lu: DossierLu, genre: GenreDeLot) -> tuple[str, bool]:
    """Ce qu'il faut savoir de ce candidat, et s'il est écarté du lot."""
    if lu.grille.ponctuel:
        return f"Ne relève pas de la commission : {lu.grille.modalite}.", True
    if lu.fige:
        return "", False
    obstacles = " ".join(lu.grille.obstacles()) or "Prêt à être figé."
    if genre.signe:
        return f"Non figé. {obstacles}", True
    return f"Document de travail, non figé. {obstacles}", False


# --- ce que fait un ouvrier -------------------------------------------------------------------


def tirer(pk: int) -> None:
    """Tire ce document, s'il est encore à tirer."""
    pris = Tirage.objects.commencer(pk)
    if pris is None:
        return
    try:
        pris.rendre(produire(pris))
    except Exception:
        # Le document fautif ne doit arrêter ni les autres ni l'ouvrier.
        journal.exception("Tirage %s du lot %s", pris.pk, pris.lot_id)
        pris.renoncer()


def entretenir() -> None:
    """Chaque heure : efface les lots périmés, et remet dans la file ce qu'elle aurait perdu."""
    purger()
    relancer()


def relancer() -> None:
    """Un lot qui attend depuis plus d'une heure est remis dans la file : l'une vidée, ou changée pour une
    autre, n'en perd aucun. Un document présenté deux fois ne se tire qu'une."""
    oublies = Lot.objects.filter(retire_le__isnull=True, demande_le__lt=timezone.now() - OUBLI)
    for lot in oublies.filter(tirages__etat=Tirage.Etat.A_FAIRE).distinct():
        lot.enfiler()


def purger() -> int:
    """Efface les lots périmés et leurs fichiers ; rend leur nombre."""
    perimes = list(Lot.objects.perimes(timezone.now()))
    for lot in perimes:
        lot.delete()
    return len(perimes)


def produire(pris: Tirage) -> bytes:
    """Le document, à l'heure de l'établissement qui l'a demandé."""
    with timezone.override(pris.lot.commission.etablissement.fuseau):
        return _produire(pris)


def _produire(pris: Tirage) -> bytes:
    lot = pris.lot
    if pris.piece == PV:
        lus = dossiers_lus(lot.commission.dossiers.vivants())
        return proces_verbal(lus, site=lot.site, archive=lot.compose.signe)
    if pris.piece == ENSEMBLE:
        faits = lot.avancement().produits
        return pdf_reunis(
            (document.fichier.read() for document in faits),
            titre=str(lot),
            signets=[document.signet for document in faits],
            recto_verso=lot.recto_verso,
        )
    if pris.piece == ARCHIVE:
        return archive.archive(lot)
    lu = dossier_lu(Dossier.objects.get(tirages=pris))
    if lot.compose.signe:
        return tirage.archive(lu, pris.piece, site=lot.site)
    return tirage.pdf([lu], pris.piece, processus=1, site=lot.site)
