"""Les notes que l'on recopie dans CYCLADES (Q40), et celles d'une archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.utils import timezone

from certification.document.recopie import RangeeARecopier, TableARecopier, manque
from certification.dossier.resultats import DossierLu
from livret.personnes.identifiants import plie
from referentiel.models import Epreuve
from referentiel.reglement.distinction import distingues
from trpm.dates import date_dite
from trpm.impression.documents import Valeur

Ligne = list[Valeur]
IDENTITE = ("N° candidat", "Nom", "Prénom")
NOTES = (*IDENTITE, "Épreuve", "Note", "État")
NON_FIGEE = "proposée, non figée"
SANS_DOSSIER = "sans dossier"


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
        return NON_FIGEE
    le = date_dite(timezone.localtime(lu.version.figee_le))
    return f"figée le {le}, version {lu.version.numero}"


def cyclades(lus: Iterable[DossierLu]) -> TableARecopier:
    """Une rangée par candidat, deux colonnes par épreuve de la session : la note, et son état. Deux épreuves
    de même code, dans deux diplômes, ont chacune les siennes."""
    par_candidat: dict[int, dict[Epreuve, list[DossierLu]]] = defaultdict(lambda: defaultdict(list))
    for lu in lus:
        par_candidat[lu.dossier.eleve_id][lu.dossier.commission.epreuve].append(lu)
    epreuves = sorted({epreuve for siens in par_candidat.values() for epreuve in siens}, key=_ordre)
    diplomes = distingues(epreuve.referentiel for epreuve in epreuves)
    codes = [f"{diplomes[une.referentiel_id]} {une.code}".lstrip() for une in epreuves]
    rangees = []
    for eleve, siens in sorted(par_candidat.items(), key=lambda un: _rang(un[1])):
        premier = next(iter(siens.values()))[0]
        candidat, precision = premier.grille.candidat, premier.dossier.eleve.precision
        siennes = {epreuve.referentiel_id for epreuve in siens}
        cellules = (
            cellule
            for epreuve in epreuves
            for cellule in _cellules(siens.get(epreuve, ()), epreuve.referentiel_id in siennes)
        )
        identite = (candidat.numero, candidat.nom, f"{candidat.prenom}{precision}")
        rangees.append(RangeeARecopier(eleve, premier.nom, (*identite, *cellules)))
    return TableARecopier(
        "Notes CYCLADES",
        (*IDENTITE, *(titre for code in codes for titre in (code, f"{code}, état"))),
        tuple(rangees),
        (16, 24, 20, *(8, 30) * len(codes)),
        _manques(rangees, codes),
    )


def _ordre(epreuve: Epreuve) -> tuple[str, str, int, str]:
    return epreuve.referentiel.code, epreuve.referentiel.version, epreuve.ordre, epreuve.code


def _rang(siens: Mapping[Epreuve, Sequence[DossierLu]]) -> tuple[str, str, str, str, int]:
    """Par diplôme, puis par nom."""
    epreuve, (lu, *_) = next(iter(siens.items()))
    candidat, diplome = lu.grille.candidat, epreuve.referentiel
    return diplome.code, diplome.version, plie(candidat.nom), plie(candidat.prenom), lu.dossier.eleve_id


def _cellules(lus: Sequence[DossierLu], de_son_diplome: bool) -> tuple[Valeur, Valeur]:
    """La base ne tient qu'un dossier vivant par épreuve et session ; une épreuve d'un autre diplôme que le
    sien ne lui manque pas."""
    if not lus:
        return None, SANS_DOSSIER if de_son_diplome else None
    *_, note, etat = _note(lus[0])
    return note, etat


def _manques(rangees: Sequence[RangeeARecopier], codes: Sequence[str]) -> tuple[str, ...]:
    """Ce qu'il faut obtenir avant de recopier, le plus gênant d'abord."""
    phrases = [
        *manque("Sans numéro de candidat", (une.qui for une in rangees if not une.cellules[0]), len(rangees))
    ]
    for rang, code in enumerate(codes):
        notes = [(une.qui, *une.cellules[3 + 2 * rang : 5 + 2 * rang]) for une in rangees]
        etats: dict[str, list[str]] = defaultdict(list)
        for qui, note, etat in notes:
            if etat is not None and (note is None or etat == NON_FIGEE):
                etats[str(etat)].append(str(qui))
        for quel, noms in etats.items():
            phrases += manque(f"{code}, {quel}", noms, len(rangees))
    return tuple(phrases)
