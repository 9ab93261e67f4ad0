"""La table des notes, que l'on recopie dans CYCLADES (Q39)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from certification.dossier.resultats import DossierLu
from trpm.dates import date_dite
from trpm.documents import Feuille, Valeur, classeur

Ligne = list[Valeur]
NOTES = ("N° candidat", "Nom", "Prénom", "Épreuve", "Note", "État")


def notes(lus: Iterable[DossierLu]) -> list[Ligne]:
    """Une ligne par candidat. Seule une note proposée par la commission sort, et son état est dit."""
    return [[*NOTES], *map(_note, lus)]


def _note(lu: DossierLu) -> Ligne:
    grille, candidat = lu.grille, lu.grille.candidat
    proposee = grille.note_proposee if grille.a_evaluer else None
    return [
        candidat.numero,
        candidat.nom,
        candidat.prenom,
        grille.epreuve.code,
        None if proposee is None else proposee.quantize(Decimal("0.01")),
        _etat(lu, proposee),
    ]


def _etat(lu: DossierLu, proposee: Decimal | None) -> str:
    if proposee is None:
        return lu.etat if lu.grille.a_evaluer else lu.grille.texte_note
    if lu.version is None:
        return "proposée, non figée"
    le = date_dite(timezone.localtime(lu.version.figee_le))
    return f"figée le {le}, version {lu.version.numero}"


def notes_xlsx(lus: Iterable[DossierLu]) -> bytes:
    return classeur([Feuille("Notes", notes(lus), largeurs=[16, 24, 20, 10, 8, 36])])
