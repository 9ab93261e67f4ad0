"""La grille en classeur : des formules qui refont la note, et des niveaux que l'on peut changer.

Le calcul y est mené sur des entiers, comme dans `notation` : une division ne vient qu'à la fin, juste
avant la partie entière, si bien qu'un demi-point exact n'est jamais pris pour le suivant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

from certification.dossier.grille.epreuve import GrilleEpreuve, LigneGrille
from certification.dossier.resultats import DossierLu
from certification.notation import Note, Provisoire
from trpm.impression.documents import Formule, Tableur, Valeur

PREMIERE = 11
COLONNES = ("Code", "Compétence", "Poids", "Part", "Niveau", "Produit", "Origine du niveau")
LARGEURS = (9, 62, 9, 10, 10, 11, 58)
GRAS = {"bold": True}
BORD = {"border": 1, "border_color": "#8C98A6"}
A_SAISIR = {"bg_color": "#FFF7DC"}
RECAPITULATIF = {
    "N° candidat": 15,
    "Nom": 24,
    "Prénom": 20,
    "Option": 9,
    "État": 22,
    "Note brute": 14,
    "Note calculée": 14,
    "Note proposée": 28,
}
Adresses = dict[str, tuple[str, Any]]


def grille(lu: DossierLu) -> bytes:
    tableur = Tableur()
    _remplir(tableur, _feuille(tableur, str(lu.grille.candidat)), lu)
    return tableur.octets()


def commission(lus: Sequence[DossierLu]) -> bytes:
    """Une feuille par candidat, précédées d'un récapitulatif qui lit leurs notes."""
    tableur = Tableur()
    recapitulatif = tableur.feuille("Récapitulatif", figee=1, repetees=(1, 1))
    pages = []
    for rang, lu in enumerate(lus, start=1):
        page = _feuille(tableur, f"{rang} {lu.grille.candidat}")
        pages.append((lu, page.name, _remplir(tableur, page, lu)))
    _recapituler(tableur, recapitulatif, pages)
    return tableur.octets()


def _feuille(tableur: Tableur, titre: str) -> Any:
    return tableur.feuille(titre, figee=PREMIERE - 1, repetees=(PREMIERE - 1, PREMIERE - 1))


def _remplir(tableur: Tableur, page: Any, lu: DossierLu) -> Adresses:
    """Écrit la grille d'un candidat ; rend l'adresse et la valeur des cellules de notes."""
    grille = lu.grille
    tableur.largeurs(page, LARGEURS)
    _entete(tableur, page, lu)
    for colonne, titre in enumerate(COLONNES, start=1):
        tableur.poser(page, PREMIERE - 1, colonne, titre, **GRAS, **BORD)
    for rang, ligne in enumerate(grille.lignes, start=PREMIERE):
        _ligne(tableur, page, rang, ligne, grille)
    if grille.note:
        return _notes(tableur, page, grille, grille.note)
    rang = PREMIERE + len(grille.lignes) + 1
    tableur.poser(page, rang, 2, "Situation du candidat", **GRAS)
    tableur.poser(page, rang, 5, grille.texte_note)
    return {}


def _entete(tableur: Tableur, page: Any, lu: DossierLu) -> None:
    grille, candidat = lu.grille, lu.grille.candidat
    etat = (
        f"Figée, version {lu.version.numero}, empreinte {lu.version.empreinte}"
        if lu.version
        else "Document de travail, non figé"
    )
    naissance = candidat.naissance.strftime("%d/%m/%Y") if candidat.naissance else ""
    lignes: list[tuple[Valeur, ...]] = [
        (f"Grille d’évaluation {grille.epreuve.code} : {grille.epreuve.intitule}",),
        (_diplome(grille),),
        ("Établissement", f"{grille.etablissement.nom} ({grille.etablissement.uai})"),
        ("Candidat", f"{candidat.nom} {candidat.prenom}"),
        ("Né(e) le", naissance),
        ("N° candidat", candidat.numero),
        ("Session", grille.commission.session),
        ("État", etat),
    ]
    for rang, ligne in enumerate(lignes, start=1):
        titre = {"bold": True, "font_size": 14} if rang == 1 else {}
        for colonne, valeur in enumerate(ligne, start=1):
            tableur.poser(page, rang, colonne, valeur, align="left", **titre)


def _ligne(tableur: Tableur, page: Any, rang: int, ligne: LigneGrille, grille: GrilleEpreuve) -> None:
    fin = PREMIERE + len(grille.lignes) - 1
    niveau = ligne.valeur if grille.note else None
    produit = "" if niveau is None else ligne.poids * niveau
    valeurs: list[tuple[Valeur, dict[str, str]]] = [
        (ligne.code, {}),
        (ligne.intitule, {}),
        (_decimal(ligne.poids), {}),
        (Formule(f"=C{rang}/SUM(C${PREMIERE}:C${fin})", ligne.part), {"num_format": "0.00%"}),
        (niveau, A_SAISIR),
        (Formule(f'=IF(ISNUMBER(E{rang}),C{rang}*E{rang},"")', produit), {}),
        (_origine(ligne), {}),
    ]
    for colonne, (valeur, traits) in enumerate(valeurs, start=1):
        tableur.poser(page, rang, colonne, valeur, text_wrap=True, valign="top", **BORD, **traits)


def _decimal(fraction: Fraction) -> Decimal:
    return Decimal(fraction.numerator) / fraction.denominator


def _origine(ligne: LigneGrille) -> str:
    if ligne.non_demontree:
        return f"Non démontrée : {ligne.motif}"
    if ligne.arretee:
        suite = f" : {ligne.motif}" if ligne.motif else ""
        return f"Arrêté par la commission{suite}"
    if ligne.meilleure:
        return f"Proposé : {ligne.meilleure.situation}, {ligne.meilleure.date:%d/%m/%Y}"
    return "Non évaluée dans une situation retenue"


def _notes(tableur: Tableur, page: Any, grille: GrilleEpreuve, note: Note) -> Adresses:
    debut, fin = PREMIERE, PREMIERE + len(grille.lignes) - 1
    _restreindre(page, f"E{debut}:E{fin}", grille)
    tableur.poser(page, fin + 1, 2, "Total", **GRAS)
    produits = sum((ligne.produit or Fraction(0) for ligne in note.lignes), Fraction(0))
    for colonne, total in (("C", note.bareme.total), ("F", produits)):
        formule = Formule(f"=SUM({colonne}{debut}:{colonne}{fin})", total)
        tableur.poser(page, fin + 1, "ABCDEF".index(colonne) + 1, formule, **GRAS)
    adresses: Adresses = {}
    calcul = Calcul(grille, f"C{debut}:C{fin}", f"E{debut}:E{fin}", f"E{fin + 2}")
    for rang, (libelle, valeur) in enumerate(_rangs(grille, note, calcul), start=fin + 2):
        if valeur is None:
            continue
        format_ = "0.00" if libelle == "Note brute" else "0.0#"
        tableur.poser(page, rang, 2, libelle, **GRAS)
        tableur.poser(page, rang, 5, valeur, num_format=format_, **GRAS)
        lue = valeur.valeur if isinstance(valeur, Formule) else valeur
        adresses[libelle.split(",")[0]] = (xl_rowcol_to_cell(rang - 1, 4), lue)
    return adresses


def _rangs(grille: GrilleEpreuve, note: Note, calcul: Calcul) -> Iterable[tuple[str, Valeur]]:
    """Sous les compétences, ce que l'on lit : un libellé, puis une valeur ou la formule qui la refait."""
    incomplete, partielle = f"NOT({calcul.complete})", f"AND(NOT({calcul.complete}),{calcul.evalues}>0)"
    arrondi = grille.regle.arrondi.libelle
    yield "Bonus (points)", _decimal(note.bonus) if grille.regle.bonus_max else None
    yield "Note brute", si(calcul.complete, calcul.brute(calcul.total), "incomplète", note.brute)
    yield (
        f"Note calculée, {arrondi}",
        si(calcul.complete, calcul.arrondie(calcul.total), "incomplète", note.calculee),
    )
    yield (
        "Provisoire, compétences évaluées seules",
        si(
            partielle,
            calcul.arrondie(calcul.evalues),
            "sans objet",
            _calculee(note.sur_evaluees),
        ),
    )
    yield (
        "Provisoire, non évaluées comptées 0",
        si(
            incomplete,
            calcul.arrondie(calcul.total),
            "sans objet",
            _calculee(note.avec_zero),
        ),
    )
    yield "Note proposée par la commission", _proposee(grille)
    yield "Motif de l’écart", grille.motif_ecart or None


def _calculee(provisoire: Provisoire | None) -> Decimal | None:
    return provisoire.calculee if provisoire else None


def si(condition: str, alors: str, sinon: str, valeur: Fraction | Decimal | None) -> Formule:
    """`valeur` : ce que vaut `alors` aujourd'hui ; `None` si la condition est fausse."""
    return Formule(f'=IF({condition},{alors},"{sinon}")', sinon if valeur is None else valeur)


def _proposee(grille: GrilleEpreuve) -> Valeur:
    """La note proposée, ou pourquoi il n'y en a pas."""
    return grille.texte_note if grille.note_proposee is None else grille.note_proposee


def _restreindre(page: Any, plage: str, grille: GrilleEpreuve) -> None:
    """Une cellule de niveau n'accepte qu'une valeur de l'échelle, ou rien."""
    valeurs = [str(degre.valeur) for degre in grille.regle.echelle.degres]
    page.data_validation(
        plage,
        {
            "validate": "list",
            "source": valeurs,
            "error_title": "Niveau hors de l’échelle",
            "error_message": f"Niveaux possibles : {', '.join(valeurs)}. Videz la cellule si rien n’a été "
            "évalué.",
        },
    )


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


def _recapituler(tableur: Tableur, page: Any, pages: Iterable[tuple[DossierLu, str, Adresses]]) -> None:
    tableur.largeurs(page, RECAPITULATIF.values())
    for colonne, titre in enumerate(RECAPITULATIF, start=1):
        tableur.poser(page, 1, colonne, titre, **GRAS, **BORD)
    for rang, (lu, feuille, adresses) in enumerate(pages, start=2):
        candidat = lu.grille.candidat
        valeurs: list[Valeur] = [
            candidat.numero,
            candidat.nom,
            candidat.prenom,
            candidat.option,
            lu.etat,
            _renvoi(feuille, adresses, "Note brute"),
            _renvoi(feuille, adresses, "Note calculée"),
            _proposee(lu.grille),
        ]
        for colonne, valeur in enumerate(valeurs, start=1):
            formats = {6: {"num_format": "0.00"}, 7: {"num_format": "0.0#"}, 8: {"num_format": "0.0#"}}
            tableur.poser(page, rang, colonne, valeur, **formats.get(colonne, {}))


def _renvoi(feuille: str, adresses: Adresses, nom: str) -> Valeur:
    if nom not in adresses:
        return None
    adresse, valeur = adresses[nom]
    return Formule(f"={quote_sheetname(feuille)}!{adresse}", valeur)


def _diplome(grille: GrilleEpreuve) -> str:
    candidat = grille.candidat
    option = f", option {candidat.option_intitule} ({candidat.option})" if candidat.option else ""
    return f"{grille.regle.diplome}{option}"
