"""« D'où vient cette note ? » : chaque acte derrière une note, dans l'ordre où il a été fait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from certification.document.actes import Acte, actes
from certification.dossier.grille.epreuve import LigneGrille
from certification.dossier.resultats import DossierLu
from certification.notation import (
    Sensibilite,
    explication,
    pas_d_arrondi,
    sensibilites,
)


@dataclass(frozen=True)
class Apport:
    """Une compétence, ou un critère : ce qui établit son niveau, et ce que changerait le niveau voisin."""

    ligne: LigneGrille
    sensibilite: Sensibilite | None
    critere: bool = False


@dataclass(frozen=True)
class OrigineDeNote:
    apports: tuple[Apport, ...]
    calcul: tuple[str, ...]
    arrondi: str
    actes: tuple[Acte, ...]


def origine(lu: DossierLu) -> OrigineDeNote:
    """Les requêtes sont celles des actes ; tout le reste est dans la grille, figée ou non."""
    grille, note = lu.grille, lu.grille.note
    effets: dict[str, Sensibilite] = {}
    if note is not None:
        valeurs = [degre.valeur for degre in grille.regle.echelle.degres]
        effets = {effet.competence: effet for effet in sensibilites(note, valeurs)}
    return OrigineDeNote(
        tuple(apport for ligne in grille.lignes for apport in _apports(ligne, effets)),
        explication(note, grille.regle.echelle.codes_a_dire) if note else (),
        pas_d_arrondi(note.brute, grille.regle.arrondi) if note and note.brute is not None else "",
        actes(lu.dossier),
    )


def _apports(ligne: LigneGrille, effets: Mapping[str, Sensibilite]) -> Iterable[Apport]:
    yield Apport(ligne, effets.get(ligne.code))
    yield from (Apport(critere, effets.get(critere.code), True) for critere in ligne.criteres)
