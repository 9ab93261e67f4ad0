"""Nombres et niveaux d'une grille, écrits comme on les lit."""

from decimal import Decimal
from fractions import Fraction

from django import template

from certification import notation
from certification.grille import GrilleEpreuve
from livret.bilan import Degre

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
def degre(grille: GrilleEpreuve, valeur: int | None) -> Degre | None:
    return grille.degre(valeur)
