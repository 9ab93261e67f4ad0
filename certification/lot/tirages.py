"""Demander un lot, et tirer l'un de ses documents."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from certification.commission.models import Commission
from certification.document import tirage
from certification.document.releves import proces_verbal
from certification.dossier.models import Dossier
from certification.dossier.resultats import DossierLu, dossier_lu, dossiers_lus
from certification.lot import archive
from certification.lot.models import Lot, Tirage
from livret.models import Utilisateur
from trpm.assemblage import pdf_reunis
from trpm.documents import nom_de_fichier

Piece = Tirage.Piece
PIECES = {
    Lot.Genre.GRILLES: (Piece.GRILLES,),
    Lot.Genre.DOSSIERS: (Piece.DOSSIERS,),
    Lot.Genre.BILANS: (Piece.BILANS,),
    Lot.Genre.COMPLET: (Piece.GRILLES, Piece.DOSSIERS),
    Lot.Genre.ARCHIVE: (Piece.GRILLES, Piece.DOSSIERS),
}
AVEC_PV = (Lot.Genre.COMPLET, Lot.Genre.ARCHIVE)
journal = logging.getLogger(__name__)


@transaction.atomic
def demander(commission: Commission, genre: str, par: Utilisateur, *, recto_verso: bool = False) -> Lot:
    """Inscrit le lot dans la file ; s'il y en a déjà un pareil en train de se faire, c'est lui."""
    Commission.objects.select_for_update(of=("self",)).get(pk=commission.pk)
    for lot in commission.lots.filter(genre=genre, recto_verso=recto_verso, retire_le__isnull=True):
        if lot.avancement().en_cours:
            return lot
    lus = dossiers_lus(commission.dossiers.all())
    if not lus:
        raise ValidationError("Aucun candidat n’est devant la commission : il n’y a rien à imprimer.")
    if genre == Lot.Genre.ARCHIVE and not any(lu.fige for lu in lus):
        raise ValidationError(
            "Aucun dossier n’est figé : une archive ne contient que ce que le président a figé."
        )
    lot = Lot.objects.create(commission=commission, genre=genre, demande_par=par, recto_verso=recto_verso)
    tirages = list(_tirages(lot, lus))
    for rang, piece in enumerate(tirages, start=1):
        piece.rang = rang
    Tirage.objects.bulk_create(tirages)
    return lot


def _tirages(lot: Lot, lus: list[DossierLu]) -> Iterator[Tirage]:
    genre, pris = Lot.Genre(lot.genre), Counter[str]()
    for lu in lus:
        motif, ecarte = _remarque(lu, genre)
        etat = Tirage.Etat.ECARTE if ecarte else Tirage.Etat.A_FAIRE
        for piece in PIECES[genre]:
            nom = _nom_libre(f"{lu.grille.candidat} {lu.grille.epreuve.code} {piece.label}", pris)
            yield Tirage(lot=lot, piece=piece, dossier=lu.dossier, nom=nom, etat=etat, motif=motif)
    if genre in AVEC_PV:
        yield Tirage(lot=lot, piece=Piece.PV, nom=_nom_libre(f"Procès-verbal {lot.commission}", pris))
    if genre == Lot.Genre.ARCHIVE:
        yield Tirage(lot=lot, piece=Piece.ARCHIVE, nom=f"{nom_de_fichier(f'Archive {lot.commission}')}.zip")
    else:
        yield Tirage(lot=lot, piece=Piece.ENSEMBLE, nom=f"{nom_de_fichier(str(lot))}.pdf")


def _nom_libre(nom: str, pris: Counter[str]) -> str:
    """Deux homonymes ne s'écrasent pas."""
    propre = nom_de_fichier(nom)[:180]
    pris[propre.casefold()] += 1
    rang = pris[propre.casefold()]
    return f"{propre} ({rang}).pdf" if rang > 1 else f"{propre}.pdf"


def _remarque(lu: DossierLu, genre: str) -> tuple[str, bool]:
    """Ce qu'il faut savoir de ce candidat, et s'il est écarté du lot."""
    if not lu.grille.modalite.ccf:
        return f"Ne relève pas de la commission : {lu.grille.modalite}.", True
    if lu.fige:
        return "", False
    obstacles = " ".join(lu.grille.obstacles()) or "Prêt à être figé."
    if genre == Lot.Genre.ARCHIVE:
        return f"Non figé. {obstacles}", True
    return f"Document de travail, non figé. {obstacles}", False


# --- ce que fait un ouvrier -------------------------------------------------------------------


def travailler_une_fois() -> bool:
    """Tire un document ; faux s'il n'y a rien à prendre."""
    pris = Tirage.objects.prendre()
    if pris is None:
        return False
    if pris.etat == Tirage.Etat.EN_COURS:
        try:
            pris.rendre(produire(pris))
        except Exception:
            # Le document fautif ne doit arrêter ni les autres ni l'ouvrier.
            journal.exception("Tirage %s du lot %s", pris.pk, pris.lot_id)
            pris.renoncer()
    return True


def purger() -> int:
    """Efface les lots périmés et leurs fichiers ; rend leur nombre."""
    perimes = list(Lot.objects.perimes(timezone.now()))
    for lot in perimes:
        lot.delete()
    return len(perimes)


def produire(pris: Tirage) -> bytes:
    if pris.piece == Piece.PV:
        return proces_verbal(dossiers_lus(pris.lot.commission.dossiers.all()))
    if pris.piece == Piece.ENSEMBLE:
        faits = pris.lot.avancement().produits
        return pdf_reunis(
            (document.fichier.read() for document in faits),
            titre=str(pris.lot),
            signets=[document.signet for document in faits],
            recto_verso=pris.lot.recto_verso,
        )
    if pris.piece == Piece.ARCHIVE:
        return archive.archive(pris.lot)
    dossier = Dossier.objects.get(tirages=pris)
    return tirage.pdf([dossier_lu(dossier)], pris.piece, processus=1)
