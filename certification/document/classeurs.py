"""La grille en classeur : des formules qui refont la note, et des niveaux que l'on peut changer.

Le calcul y est mené sur des entiers, comme dans `notation` : une division ne vient qu'à la fin, juste
avant la partie entière, si bien qu'un demi-point exact n'est jamais pris pour le suivant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import lcm

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from certification.dossier.grille import GrilleEpreuve, LigneGrille
from certification.dossier.resultats import DossierLu
from certification.notation import Note
from trpm.documents import (
    Formule,
    Valeur,
    octets,
    poser,
)

PREMIERE = 11
COLONNES = ("Code", "Compétence", "Poids", "Part", "Niveau", "Produit", "Origine du niveau")
LARGEURS = (9, 62, 9, 10, 10, 11, 58)
GRAS = Font(bold=True)
TRAIT = Side(style="thin", color="8C98A6")
BORD = Border(top=TRAIT, bottom=TRAIT, left=TRAIT, right=TRAIT)
A_SAISIR = PatternFill("solid", fgColor="FFF7DC")


def grille(lu: DossierLu) -> bytes:
    classeur, page = _vierge()
    _remplir(page, lu)
    page.title = _titre(lu.grille, 0)
    return octets(classeur)


def commission(lus: Sequence[DossierLu]) -> bytes:
    """Une feuille par candidat, précédées d'un récapitulatif qui lit leurs notes."""
    classeur, recapitulatif = _vierge()
    recapitulatif.title = "Récapitulatif"
    pages = []
    for rang, lu in enumerate(lus, start=1):
        page = classeur.create_sheet(_titre(lu.grille, rang))
        pages.append((lu, page.title, _remplir(page, lu)))
    _recapituler(recapitulatif, pages)
    return octets(classeur)


def _vierge() -> tuple[Workbook, Worksheet]:
    classeur = Workbook()
    page = classeur.worksheets[0]
    return classeur, page


def _titre(grille: GrilleEpreuve, rang: int) -> str:
    nom = "".join(" " if signe in "[]:*?/\\'" else signe for signe in str(grille.candidat))
    return (f"{rang} {nom}" if rang else nom)[:31].strip()


def _remplir(page: Worksheet, lu: DossierLu) -> dict[str, str]:
    """Écrit la grille d'un candidat ; rend l'adresse des cellules de notes."""
    grille = lu.grille
    _entete(page, lu)
    for colonne, (titre, largeur) in enumerate(zip(COLONNES, LARGEURS, strict=True), start=1):
        cellule = _cellule(page, PREMIERE - 1, colonne, titre)
        cellule.font, cellule.border = GRAS, BORD
        page.column_dimensions[cellule.column_letter].width = largeur
    for rang, ligne in enumerate(grille.lignes):
        _ligne(page, PREMIERE + rang, ligne, grille)
    adresses = _notes(page, grille, grille.note) if grille.note else _sans_note(page, grille)
    page.freeze_panes = f"A{PREMIERE}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return adresses


def _entete(page: Worksheet, lu: DossierLu) -> None:
    grille, candidat = lu.grille, lu.grille.candidat
    etat = (
        f"Figée, version {lu.version.numero}, empreinte {lu.version.empreinte}"
        if lu.version
        else "Document de travail, non figé"
    )
    naissance = candidat.naissance.strftime("%d/%m/%Y") if candidat.naissance else ""
    lignes = [
        (f"Grille d’évaluation {grille.epreuve.code} : {grille.epreuve.intitule}",),
        (f"{grille.regle.diplome}, option {candidat.option_intitule} ({candidat.option})",),
        ("Établissement", f"{grille.etablissement.nom} ({grille.etablissement.uai})"),
        ("Candidat", f"{candidat.nom} {candidat.prenom}"),
        ("Né(e) le", naissance),
        ("N° candidat", candidat.numero),
        ("Session", grille.commission.session),
        ("État", etat),
    ]
    for rang, ligne in enumerate(lignes, start=1):
        for colonne, valeur in enumerate(ligne, start=1):
            poser(_cellule(page, rang, colonne), valeur)
    page["A1"].font = Font(bold=True, size=14)
    page["B7"].alignment = Alignment(horizontal="left")


def _ligne(page: Worksheet, rang: int, ligne: LigneGrille, grille: GrilleEpreuve) -> None:
    fin = PREMIERE + len(grille.lignes) - 1
    valeurs: list[Valeur] = [
        ligne.code,
        ligne.intitule,
        Decimal(ligne.poids.numerator) / ligne.poids.denominator,
        Formule(f"=C{rang}/SUM(C${PREMIERE}:C${fin})"),
        ligne.valeur if grille.note else None,
        Formule(f'=IF(ISNUMBER(E{rang}),C{rang}*E{rang},"")'),
        _origine(ligne),
    ]
    for colonne, valeur in enumerate(valeurs, start=1):
        cellule = _cellule(page, rang, colonne)
        poser(cellule, valeur)
        cellule.border = BORD
        cellule.alignment = Alignment(wrap_text=True, vertical="top")
    _cellule(page, rang, 4).number_format = "0.00%"
    _cellule(page, rang, 5).fill = A_SAISIR


def _origine(ligne: LigneGrille) -> str:
    if ligne.non_demontree:
        return f"Non démontrée : {ligne.motif}"
    if ligne.arretee:
        suite = f" : {ligne.motif}" if ligne.motif else ""
        return f"Arrêté par la commission{suite}"
    if ligne.meilleure:
        return f"Proposé : {ligne.meilleure.situation}, {ligne.meilleure.date:%d/%m/%Y}"
    return "Non évaluée dans une situation retenue"


def _notes(page: Worksheet, grille: GrilleEpreuve, note: Note) -> dict[str, str]:
    debut, fin = PREMIERE, PREMIERE + len(grille.lignes) - 1
    _restreindre(page, f"E{debut}:E{fin}", grille)
    _cellule(page, fin + 1, 2, "Total").font = GRAS
    for colonne in "CF":
        page[f"{colonne}{fin + 1}"] = f"=SUM({colonne}{debut}:{colonne}{fin})"
        page[f"{colonne}{fin + 1}"].font = GRAS
    calcul = Calcul(grille, f"C{debut}:C{fin}", f"E{debut}:E{fin}", f"E{fin + 2}")
    bonus = Decimal(note.bonus.numerator) / note.bonus.denominator
    rangs: list[tuple[str, Valeur]] = [
        ("Bonus (points)", bonus if grille.regle.bonus_max else None),
        ("Note brute", calcul.si(calcul.complete, calcul.brute(calcul.total), "incomplète")),
        (
            f"Note calculée, {grille.regle.arrondi.libelle}",
            calcul.si(calcul.complete, calcul.arrondie(calcul.total), "incomplète"),
        ),
        (
            "Provisoire, compétences évaluées seules",
            calcul.si(
                f"AND(NOT({calcul.complete}),{calcul.evalues}>0)",
                calcul.arrondie(calcul.evalues),
                "sans objet",
            ),
        ),
        (
            "Provisoire, non évaluées comptées 0",
            calcul.si(f"NOT({calcul.complete})", calcul.arrondie(calcul.total), "sans objet"),
        ),
        ("Note proposée par la commission", _proposee(grille)),
        ("Motif de l’écart", grille.motif_ecart or None),
    ]
    adresses = {}
    for rang, (libelle, valeur) in enumerate(rangs, start=fin + 2):
        if valeur is None:
            continue
        poser(_cellule(page, rang, 2), libelle)
        cellule = _cellule(page, rang, 5)
        poser(cellule, valeur)
        _cellule(page, rang, 2).font = cellule.font = GRAS
        cellule.number_format = "0.00" if libelle == "Note brute" else "0.0#"
        adresses[libelle.split(",")[0]] = cellule.coordinate
    return adresses


def _proposee(grille: GrilleEpreuve) -> Valeur:
    """La note proposée, ou pourquoi il n'y en a pas."""
    return grille.texte_note if grille.note_proposee is None else grille.note_proposee


def _restreindre(page: Worksheet, plage: str, grille: GrilleEpreuve) -> None:
    """Une cellule de niveau n'accepte qu'une valeur de l'échelle, ou rien."""
    valeurs = [str(degre.valeur) for degre in grille.regle.echelle.degres]
    choix = DataValidation(type="list", formula1=f'"{",".join(valeurs)}"', allow_blank=True)
    choix.showErrorMessage, choix.errorTitle = True, "Niveau hors de l’échelle"
    choix.error = f"Niveaux possibles : {', '.join(valeurs)}. Videz la cellule si rien n’a été évalué."
    page.add_data_validation(choix)
    choix.add(plage)


class Calcul:
    """Formules d'une note : un numérateur et un dénominateur entiers, divisés en dernier."""

    def __init__(self, grille: GrilleEpreuve, poids: str, niveaux: str, bonus: str) -> None:
        echelle = lcm(*(ligne.poids.denominator for ligne in grille.lignes))
        entiers = f"ROUND({poids}*{echelle},0)"
        self.regle = grille.regle.arrondi
        self.maximum = grille.regle.echelle.maximum
        self.bonus = f"ROUND(100*{bonus},0)"
        self.somme = f"SUMPRODUCT({entiers},{niveaux})"
        self.total = f"SUMPRODUCT({entiers})"
        self.evalues = f"SUMPRODUCT({entiers}*ISNUMBER({niveaux}))"
        self.complete = f"COUNT({niveaux})={len(grille.lignes)}"

    def fraction(self, poids: str) -> tuple[str, str]:
        denominateur = f"(100*{self.maximum}*{poids})"
        numerateur = f"MIN(2000*{self.somme}+{self.bonus}*{self.maximum}*{poids},20*{denominateur})"
        return numerateur, denominateur

    def brute(self, poids: str) -> str:
        numerateur, denominateur = self.fraction(poids)
        return f"{numerateur}/{denominateur}"

    def arrondie(self, poids: str) -> str:
        return self.regle.formule(*self.fraction(poids))

    @staticmethod
    def si(condition: str, alors: str, sinon: str) -> Formule:
        return Formule(f'=IF({condition},{alors},"{sinon}")')


def _sans_note(page: Worksheet, grille: GrilleEpreuve) -> dict[str, str]:
    rang = PREMIERE + len(grille.lignes) + 1
    poser(_cellule(page, rang, 2), "Situation du candidat")
    _cellule(page, rang, 2).font = GRAS
    poser(_cellule(page, rang, 5), grille.texte_note)
    return {}


def _recapituler(page: Worksheet, pages: Iterable[tuple[DossierLu, str, dict[str, str]]]) -> None:
    titres = (
        "N° candidat",
        "Nom",
        "Prénom",
        "Option",
        "État",
        "Note brute",
        "Note calculée",
        "Note proposée",
    )
    for colonne, (titre, largeur) in enumerate(
        zip(titres, (15, 24, 20, 9, 22, 14, 14, 28), strict=True), start=1
    ):
        cellule = _cellule(page, 1, colonne, titre)
        cellule.font, cellule.border = GRAS, BORD
        page.column_dimensions[cellule.column_letter].width = largeur
    for rang, (lu, feuille, adresses) in enumerate(pages, start=2):
        candidat = lu.grille.candidat

        def renvoi(nom: str, feuille: str = feuille, adresses: dict[str, str] = adresses) -> Valeur:
            return Formule(f"={quote_sheetname(feuille)}!{adresses[nom]}") if nom in adresses else None

        valeurs: list[Valeur] = [
            candidat.numero,
            candidat.nom,
            candidat.prenom,
            candidat.option,
            lu.etat,
            renvoi("Note brute"),
            renvoi("Note calculée"),
            _proposee(lu.grille),
        ]
        for colonne, valeur in enumerate(valeurs, start=1):
            poser(_cellule(page, rang, colonne), valeur)
        _cellule(page, rang, 6).number_format = "0.00"
        _cellule(page, rang, 7).number_format = _cellule(page, rang, 8).number_format = "0.0#"
    page.freeze_panes = "A2"


def _cellule(page: Worksheet, rang: int, colonne: int, valeur: Valeur = None) -> Cell:
    cellule = page.cell(rang, colonne)
    assert isinstance(cellule, Cell)  # noqa: S101 : rien n'est fusionné dans ces feuilles
    if valeur is not None:
        poser(cellule, valeur)
    return cellule
