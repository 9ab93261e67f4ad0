"""Les tables que l'on recopie ailleurs : notes pour CYCLADES, degrés pour LSL Pro (Q39, Q40)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.utils import timezone

from certification.dossier.resultats import DossierLu
from livret.synthese.livrets import Livret
from trpm.dates import date_dite
from trpm.documents import Feuille, Valeur, classeur

Ligne = list[Valeur]
NOTES = ("N° candidat", "Nom", "Prénom", "Épreuve", "Note", "État")
LSL = ("nom", "prénom", "INE", "compétence", "degré")
NON_EVALUEE = "NE"


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


def degres_par_defaut(livrets: Iterable[Livret]) -> dict[int | None, str]:
    """Degré de chaque niveau : sa valeur plus un ; sans niveau, « NE »."""
    valeurs = {degre.valeur for livret in livrets for degre in livret.echelle.degres}
    return {None: NON_EVALUEE, **{valeur: str(valeur + 1) for valeur in valeurs}}


def lsl(livrets: Iterable[Livret], degres: Mapping[int | None, str]) -> list[Ligne]:
    """Une ligne par élève et par compétence ; une compétence sans niveau est dite non évaluée."""
    lignes: list[Ligne] = [[*LSL]]
    for livret in livrets:
        vues = {ligne.code: ligne for ligne in reversed(livret.lignes)}
        for code in dict.fromkeys(ligne.code for ligne in livret.lignes):
            ligne, eleve = vues[code], livret.eleve
            degre = degres[ligne.valeur]
            lignes.append([eleve.nom, eleve.prenom, eleve.ine, f"{code} {ligne.intitule}", degre])
    return lignes


def lsl_xlsx(lignes: list[Ligne]) -> bytes:
    return classeur([Feuille("Aide à la saisie LSL Pro", lignes, largeurs=[24, 20, 14, 60, 8])])
