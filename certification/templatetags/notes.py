"""Nombres et niveaux d'une grille, écrits comme on les lit."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from django import template

from certification import notation
from certification.dossier.grille.citations import CompetenceConstatee, PreuveAuDossier, SituationCitee
from certification.dossier.grille.epreuve import GrilleEpreuve, LigneGrille, enumeration
from referentiel.echelle import Degre
from referentiel.reglement.commission import PIECES, PieceDeDossier

register = template.Library()


@register.filter
def nombre(valeur: Fraction | Decimal | int | None, decimales: int | None = None) -> str:
    return "" if valeur is None else notation.nombre(valeur, decimales)


@register.filter
def pourcent(part: Fraction) -> str:
    return f"{notation.nombre(part * 100, 2)}\N{NO-BREAK SPACE}%"


@register.filter
def note(valeur: Decimal | None) -> str:
    return "" if valeur is None else notation.note_affichee(valeur)


@register.filter
def ecart(valeur: Decimal) -> str:
    """« +0,5 » ou « −1 »."""
    return f"{'+' if valeur > 0 else chr(0x2212)}{notation.nombre(abs(valeur))}"


@register.filter
def vecues(
    grille: GrilleEpreuve, code: str
) -> list[tuple[SituationCitee, CompetenceConstatee, list[PreuveAuDossier]]]:
    """Les situations où la compétence, ou celle du critère, a été évaluée, leur constat et leurs preuves."""
    competence = grille.competence_de(code)
    if competence is None:
        return []
    cases = ("", competence.code, *(critere.code for critere in competence.criteres))
    return [
        (situation, constat, [p for p in situation.preuves if p.case.split(".")[0] in cases])
        for situation in grille.situations
        for constat in situation.constats
        if constat.code == competence.code
    ]


@register.filter
def competence_de(grille: GrilleEpreuve, code: str) -> LigneGrille | None:
    return grille.competence_de(code)


@register.filter
def degre(grille: GrilleEpreuve, valeur: int | Fraction | None) -> Degre | None:
    return grille.degre(valeur)


@register.filter
def degre_code(valeur: int | Fraction | None, grille: GrilleEpreuve) -> str:
    trouve = grille.degre(valeur)
    return trouve.code if trouve else ""


@register.filter
def part_produit(critere: LigneGrille) -> str:
    """Ce qu'un critère apporte au niveau de sa compétence."""
    return "" if critere.valeur is None else notation.nombre(critere.part * critere.valeur)


@register.filter
def produit(ligne: LigneGrille) -> str:
    return "" if ligne.valeur is None else notation.nombre(ligne.poids * ligne.valeur)


@register.filter
def somme(grille: GrilleEpreuve) -> str:
    """Somme des produits poids × niveau, sur les compétences qui ont un niveau."""
    return notation.nombre(
        sum((ligne.poids * (ligne.valeur or 0) for ligne in grille.lignes), start=Fraction(0))
    )


@register.filter
def codes(grille: GrilleEpreuve) -> str:
    return enumeration(ligne.code for ligne in grille.lignes)


@register.filter
def pieces(grille: GrilleEpreuve) -> list[PieceDeDossier]:
    """Les pièces du dossier, telles que le référentiel les nomme, avec les compétences de l’épreuve."""
    siennes = codes(grille)
    return [
        PieceDeDossier(*(dit.replace("{competences}", siennes) for dit in (piece.intitule, piece.titre)))
        for piece in grille.commission.pieces or PIECES
    ]


@register.filter
def image_de(images: Mapping[int, str], preuve: PreuveAuDossier) -> str:
    """Adresse de l’image d’une preuve ; vide si son fichier manque ou a changé."""
    return images.get(preuve.trace, "")
