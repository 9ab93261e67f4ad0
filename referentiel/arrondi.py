"""Les règles d’arrondi d’une note : une table, et ce que chacune fait. Module pur, arithmétique exacte.

La règle est un réglage de la grille (Q4). Ajouter une ligne à `REGLES` (avec son code dans le schéma et
sa phrase dans docs/format-referentiel.md) suffit : tout ce qui arrondit, refuse, imprime ou calcule
dans un tableur la lit ici.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from trpm.base.instantane import DeTable

FINESSE = Fraction(1, 100)
"""Une note se conserve au centième : aucune règle ne gradue plus fin."""


@dataclass(frozen=True)
class Arrondi(DeTable):
    """Une règle : `pas` sépare deux graduations ; entre les deux, celle du dessus ou la plus proche.

    `libelle` complète « arrondi », `graduation` nomme une note que la règle admet. Lève `ValueError`
    pour un pas qui ne découpe pas le point en parts égales et conservées exactement.
    """

    code: str
    libelle: str
    graduation: str
    pas: Fraction
    superieur: bool = False

    def __post_init__(self) -> None:
        if self.pas.numerator != 1 or (self.pas / FINESSE).denominator != 1:
            raise ValueError(f"{self.pas} ne découpe pas le point en parts égales d’un centième ou plus.")

    @classmethod
    def du_code(cls, code: str) -> Arrondi:
        """La règle de ce code ; lève `ValueError` s’il n’est pas dans la table."""
        if code not in REGLES:
            raise ValueError(f"« {code} » n’est pas une règle d’arrondi. Choix : {', '.join(REGLES)}.")
        return REGLES[code]

    @property
    def decimales(self) -> int:
        """Ce qu’il en faut pour écrire toute graduation."""
        return next(nombre for nombre in range(3) if (self.pas * 10**nombre).denominator == 1)

    def arrondir(self, brute: Fraction) -> Decimal:
        """La graduation retenue, sans jamais passer par un flottant : 12,5 reste 12,5."""
        parts = brute / self.pas
        retenue = ceil(parts) if self.superieur else floor(parts + Fraction(1, 2))
        return Decimal(int(retenue * self.pas * 10**self.decimales)).scaleb(-self.decimales)

    def admet(self, note: Decimal) -> bool:
        """Cette note, proposée par des humains, est-elle une graduation ?"""
        return (Fraction(note) / self.pas).denominator == 1

    def voisine(self, note: Decimal) -> Fraction:
        """La graduation la plus proche d’une note que la règle n’admet pas."""
        return round(Fraction(note) / self.pas) * self.pas

    def distance(self, brute: Fraction) -> Fraction | None:
        """De combien la note doit bouger pour que son arrondi change ; `None` au pas le plus fin."""
        if self.pas == FINESSE:
            return None
        seuil = Fraction(0) if self.superieur else self.pas / 2
        reste = (brute - seuil) % self.pas
        return min(reste, self.pas - reste)

    def formule(self, numerateur: str, denominateur: str) -> str:
        """La même chose dans un tableur, sur des entiers : on ne divise qu’avant la partie entière."""
        n, d, parts = numerateur, denominateur, self.pas.denominator
        if self.superieur:
            return f"INT(({parts}*{n}+{d}-1)/{d})/{parts}"
        return f"INT(({2 * parts}*{n}+{d})/(2*{d}))/{parts}"


DEMI_SUPERIEUR = Arrondi("demi_superieur", "au demi-point supérieur", "demi-point", Fraction(1, 2), True)
DEMI_PROCHE = Arrondi("demi_proche", "au demi-point le plus proche", "demi-point", Fraction(1, 2))
CENTIEME = Arrondi("centieme", "au centième", "centième", Fraction(1, 100))

REGLES = {regle.code: regle for regle in (DEMI_SUPERIEUR, DEMI_PROCHE, CENTIEME)}


def choix() -> list[tuple[str, str]]:
    """Code et libellé de chaque règle ; lus à chaque usage, une règle de plus ne fait pas de migration."""
    return [(code, regle.libelle) for code, regle in REGLES.items()]
