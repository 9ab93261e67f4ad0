"""Un texte à séparateurs, CSV ou collé : la table que donne le séparateur qui nomme le plus de colonnes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from livret.administration.lecture.cellules import Cellule, propre_cellule
from livret.administration.lecture.entetes import entete
from livret.administration.lecture.resultat import FichierIllisible
from livret.administration.lecture.table import (
    LIGNES_AVANT_ENTETE,
    RANGS_MAX,
    Table,
    trop_de_lignes,
    trop_lourd,
)

SEPARATEURS = {
    ";": "point-virgule", "\t": "tabulation", ",": "virgule", "|": "barre", ":": "deux-points", "~": "tilde",
    "^": "accent circonflexe", "#": "dièse", "§": "§", "¦": "barre brisée", "!": "point d’exclamation",
}  # fmt: skip

# Une liste de trois mille élèves et de cent colonnes ; une remarque longue dans une case.
CASES_MAX, LIGNE_MAX = 300_000, 100_000


def table_separee(texte: str) -> Table:
    texte = re.sub(r"\r+\n|\r", "\n", texte)
    if texte.count("\n") > RANGS_MAX:
        raise trop_de_lignes()
    if longue := next((rang for rang, une in enumerate(texte.split("\n"), 1) if len(une) > LIGNE_MAX), 0):
        raise illisible_des(longue)
    if max(map(texte.count, SEPARATEURS)) > CASES_MAX:
        raise trop_lourd()
    debut = "\n".join(texte.split("\n", LIGNES_AVANT_ENTETE * 3)[: LIGNES_AVANT_ENTETE * 3])
    essais = {un: [rang for _, rang, _ in _rangees(debut, un)] for un in SEPARATEURS}
    retenu = max(essais, key=lambda un: (entete(essais[un]).score, max(map(len, essais[un]), default=0)))
    table = Table(separateur=SEPARATEURS[retenu])
    largeur = len(essais[retenu][entete(essais[retenu]).rang]) if essais[retenu] else 1
    if _guillemet_avale(texte, retenu, largeur):
        table.rangs, table.remarques = _ligne_a_ligne(texte, retenu, largeur)
    else:
        table.rangs = [(numero, cellules) for numero, cellules, _ in _rangees(texte, retenu)]
    return table


def illisible_des(numero: int) -> FichierIllisible:
    return FichierIllisible(f"Le fichier CSV est illisible à partir de la ligne {numero}.")


def _deshabille(texte: str, separateur: str) -> str:
    """`="A;B"` protège son contenu comme un guillemet ordinaire."""
    return re.sub(rf'(^|{re.escape(separateur)})[ ]*=(?=")', r"\1", texte, flags=re.MULTILINE)


def _rangees(texte: str, separateur: str) -> Iterator[tuple[int, list[Cellule], list[str]]]:
    lecteur = csv.reader(io.StringIO(_deshabille(texte, separateur), newline=""), delimiter=separateur)
    numero = 1
    try:
        for cellules in lecteur:
            yield numero, [propre_cellule(cellule) for cellule in cellules], cellules
            numero = lecteur.line_num + 1
    except csv.Error:
        raise illisible_des(numero) from None


def _guillemet_avale(texte: str, separateur: str, largeur: int) -> bool:
    """Un guillemet sans fin a pris des lignes entières dans une cellule."""
    try:
        for _ in csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True):
            pass
    except csv.Error as faute:
        if "unexpected end of data" in str(faute):
            return True
    return any(
        dedans.count(separateur) >= max(1, largeur - 1)
        for _, _, brutes in _rangees(texte, separateur)
        for cellule in brutes
        if "\n" in cellule
        for dedans in cellule.split("\n")[1:]
    )


def _ligne_a_ligne(
    texte: str, separateur: str, largeur: int
) -> tuple[list[tuple[int, list[Cellule]]], list[tuple[int, str]]]:
    rangs: list[tuple[int, list[Cellule]]] = []
    remarques = []
    for numero, ligne in enumerate(texte.split("\n"), start=1):
        [(_, cellules, _)] = list(_rangees(ligne, separateur)) or [(1, [], [])]
        if ligne.count('"') % 2:
            remarques.append((numero, "guillemet sans fin\xa0: la ligne est lue seule, relisez-la."))
            if len(cellules) < largeur:
                cellules = [propre_cellule(un.replace('"', "")) for un in ligne.split(separateur)]
        rangs.append((numero, cellules))
    return rangs, remarques
