"""Note d'une épreuve à partir des niveaux de maîtrise. Module pur, arithmétique exacte.

Formule (Q2) : ``brute = 20 × Σ(poids × niveau) / (niveau maximal × Σ poids)``, plus un bonus
éventuel (Q12), le tout plafonné à 20, puis arrondi selon la règle de la grille (Q4). Une
compétence sans niveau laisse la note incomplète : aucun silence ne devient une note (Q10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from referentiel.arrondi import DEMI_SUPERIEUR, Arrondi

MAXIMUM = Fraction(20)


@dataclass(frozen=True)
class Bareme:
    """Ce que la grille dit d'une épreuve.

    `poids` : poids strictement positif de chaque compétence, par code, dans l'ordre imprimé.
    `maximum` : valeur du plus haut niveau de l'échelle, au moins 1. `bonus_max` : de 0 à 20 points.
    """

    epreuve: str
    poids: tuple[tuple[str, Fraction], ...]
    maximum: int
    arrondi: Arrondi = DEMI_SUPERIEUR
    bonus_max: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        codes = [code for code, _ in self.poids]
        if not codes:
            raise ValueError(f"L’épreuve {self.epreuve} n’a aucune compétence pondérée.")
        if len(set(codes)) != len(codes):
            raise ValueError(f"L’épreuve {self.epreuve} pondère deux fois la même compétence.")
        if any(poids <= 0 for _, poids in self.poids):
            raise ValueError(f"Les poids de l’épreuve {self.epreuve} doivent être strictement positifs.")
        if self.maximum < 1:
            raise ValueError("L’échelle doit avoir un niveau de valeur 1 au moins.")
        if not 0 <= self.bonus_max <= MAXIMUM:
            raise ValueError("Le bonus maximal doit être compris entre 0 et 20 points.")

    @property
    def total(self) -> Fraction:
        return sum((poids for _, poids in self.poids), Fraction(0))


@dataclass(frozen=True)
class Ligne:
    """Part d'une compétence dans la note ; `niveau` vaut `None` tant qu'il est inconnu."""

    competence: str
    poids: Fraction
    part: Fraction
    niveau: int | None

    @property
    def produit(self) -> Fraction | None:
        return None if self.niveau is None else self.poids * self.niveau


@dataclass(frozen=True)
class Provisoire:
    """Note provisoire d'une épreuve incomplète (Q10) ; elle ne se propose pas."""

    brute: Fraction
    calculee: Decimal


@dataclass(frozen=True)
class Note:
    """La note et le chemin qui y mène.

    `brute` : fraction exacte de 0 à 20 ; `calculee` : après arrondi. Les deux valent `None`
    tant qu'une compétence est sans niveau ; `sur_evaluees` (poids des seules compétences
    évaluées) et `avec_zero` (non évalué compté 0) sont alors les deux notes provisoires.
    """

    bareme: Bareme
    lignes: tuple[Ligne, ...]
    bonus: Fraction
    brute: Fraction | None
    calculee: Decimal | None
    sur_evaluees: Provisoire | None = None
    avec_zero: Provisoire | None = None

    @property
    def complete(self) -> bool:
        return self.brute is not None

    @property
    def manquantes(self) -> tuple[str, ...]:
        return tuple(ligne.competence for ligne in self.lignes if ligne.niveau is None)


def note_epreuve(bareme: Bareme, niveaux: Mapping[str, int | None], bonus: Fraction = Fraction(0)) -> Note:
    """Calcule la note d'une épreuve.

    `niveaux` : valeur (de 0 au maximum de l'échelle) par code de compétence, `None` ou absent si
    inconnu. `bonus` : points, de 0 au bonus maximal de la grille. Lève `ValueError` pour une
    compétence étrangère à l'épreuve, un niveau hors de l'échelle ou un bonus hors bornes.
    """
    _verifie(bareme, niveaux, bonus)
    lignes = tuple(
        Ligne(code, poids, poids / bareme.total, niveaux.get(code)) for code, poids in bareme.poids
    )
    evaluees = tuple(ligne for ligne in lignes if ligne.niveau is not None)
    if len(evaluees) == len(lignes):
        brute = _brute(bareme, evaluees, bareme.total, bonus)
        return Note(bareme, lignes, bonus, brute, bareme.arrondi.arrondir(brute))
    avec_zero = _provisoire(bareme, evaluees, bareme.total, bonus)
    poids_evalues = sum((ligne.poids for ligne in evaluees), Fraction(0))
    sur_evaluees = _provisoire(bareme, evaluees, poids_evalues, bonus) if evaluees else None
    return Note(bareme, lignes, bonus, None, None, sur_evaluees, avec_zero)


def decimale(valeur: Fraction, decimales: int = 2) -> Decimal:
    """Fraction positive affichée avec ce nombre de décimales, la moitié vers le haut."""
    echelle = 10**decimales
    return Decimal(floor(valeur * echelle + Fraction(1, 2))).scaleb(-decimales)


def nombre(valeur: Fraction | Decimal | int, decimales: int | None = None) -> str:
    """Nombre à la française : virgule décimale, et le strict nécessaire de décimales si l'on n'en
    demande pas un compte fixe."""
    if decimales is not None:
        return f"{decimale(Fraction(valeur), decimales)}".replace(".", ",")
    fraction = Fraction(valeur)
    if fraction.denominator == 1:
        return str(fraction.numerator)
    exacte = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    if Fraction(exacte) == fraction:
        return f"{exacte.normalize():f}".replace(".", ",")
    return f"{fraction.numerator}/{fraction.denominator}"


def note_affichee(note: Decimal) -> str:
    """« 13,5 / 20 » : une décimale, deux quand il les faut."""
    return f"{nombre(note, 1 if note * 10 % 1 == 0 else 2)}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20"


def explication(note: Note) -> tuple[str, ...]:
    """Le calcul raconté ligne à ligne, tel qu'on peut le refaire à la main."""
    bareme = note.bareme
    lignes = [
        f"{ligne.competence} : poids {nombre(ligne.poids)} ({nombre(ligne.part * 100, 2)} %) × "
        + ("niveau inconnu" if ligne.produit is None else f"niveau {ligne.niveau} = {nombre(ligne.produit)}")
        for ligne in note.lignes
    ]
    lignes.append(f"Somme des poids : {nombre(bareme.total)} ; niveau maximal : {bareme.maximum}")
    if note.brute is None or note.calculee is None:
        return (*lignes, *_explication_incomplete(note))
    somme = sum((ligne.produit or Fraction(0) for ligne in note.lignes), Fraction(0))
    bonus = f" + bonus {nombre(note.bonus)}" if note.bonus else ""
    return (
        *lignes,
        f"Note brute : 20 × {nombre(somme)} / ({bareme.maximum} × {nombre(bareme.total)}){bonus}"
        f" = {note.brute} = {nombre(note.brute, 2)} / 20",
        f"Arrondi : {bareme.arrondi.libelle}",
        f"Note calculée : {note_affichee(note.calculee)}",
    )


@dataclass(frozen=True)
class Variation:
    """Ce que deviendrait la note si une compétence passait à ce niveau."""

    niveau: int
    brute: Fraction
    calculee: Decimal
    ecart: Decimal


@dataclass(frozen=True)
class Sensibilite:
    """Un niveau de moins et un niveau de plus ; `None` au bout de l'échelle."""

    competence: str
    moins: Variation | None
    plus: Variation | None


def sensibilites(note: Note, valeurs: Sequence[int] = ()) -> tuple[Sensibilite, ...]:
    """Effet d'un niveau de plus ou de moins sur chaque compétence, toutes choses égales par ailleurs.

    `valeurs` : celles de l'échelle, par défaut tous les entiers de 0 au maximum. Une note incomplète
    n'a pas d'effet à montrer.
    """
    if not note.complete:
        return ()
    echelle = sorted(valeurs or range(note.bareme.maximum + 1))
    return tuple(_sensibilite(note, ligne, echelle) for ligne in note.lignes)


def _sensibilite(note: Note, ligne: Ligne, echelle: list[int]) -> Sensibilite:
    niveau = ligne.niveau or 0
    moins = max((valeur for valeur in echelle if valeur < niveau), default=None)
    plus = min((valeur for valeur in echelle if valeur > niveau), default=None)
    return Sensibilite(
        ligne.competence, _variation(note, ligne.competence, moins), _variation(note, ligne.competence, plus)
    )


def _variation(note: Note, competence: str, niveau: int | None) -> Variation | None:
    if niveau is None:
        return None
    niveaux = {ligne.competence: ligne.niveau for ligne in note.lignes} | {competence: niveau}
    autre = note_epreuve(note.bareme, niveaux, note.bonus)
    if autre.brute is None or autre.calculee is None or note.calculee is None:
        return None
    return Variation(niveau, autre.brute, autre.calculee, autre.calculee - note.calculee)


def pas_d_arrondi(brute: Fraction, arrondi: Arrondi) -> str:
    """L'arrondi raconté : entre quelles deux notes l'on est, et laquelle la règle retient."""
    dessous = floor(brute / arrondi.pas) * arrondi.pas
    retenue = note_affichee(arrondi.arrondir(brute))
    if dessous == brute:
        return f"{nombre(brute)} tombe juste : rien à arrondir, la note calculée est {retenue}."
    return (
        f"{nombre(brute, 4)} est entre {nombre(dessous)} et {nombre(dessous + arrondi.pas)} ; "
        f"arrondi {arrondi.libelle}, la note calculée est {retenue}."
    )


def _explication_incomplete(note: Note) -> tuple[str, ...]:
    provisoires = {
        "poids des seules compétences évaluées": note.sur_evaluees,
        "compétences non évaluées comptées 0": note.avec_zero,
    }
    return (
        f"Incomplète : aucun niveau pour {', '.join(note.manquantes)}. Pas de note calculée.",
        *(
            f"Note provisoire, {libelle} : {nombre(provisoire.brute, 2)}, "
            f"soit {note_affichee(provisoire.calculee)}"
            for libelle, provisoire in provisoires.items()
            if provisoire
        ),
    )


def _verifie(bareme: Bareme, niveaux: Mapping[str, int | None], bonus: Fraction) -> None:
    attendus = [code for code, _ in bareme.poids]
    for code, niveau in niveaux.items():
        if code not in attendus:
            raise ValueError(f"{code} n’est pas une compétence de {bareme.epreuve} ({', '.join(attendus)}).")
        if niveau is not None and not 0 <= niveau <= bareme.maximum:
            raise ValueError(f"Niveau {niveau} hors de l’échelle pour {code} : de 0 à {bareme.maximum}.")
    if not 0 <= bonus <= bareme.bonus_max:
        raise ValueError(f"Bonus {bonus} hors bornes : de 0 à {bareme.bonus_max}.")


def _brute(bareme: Bareme, lignes: tuple[Ligne, ...], poids: Fraction, bonus: Fraction) -> Fraction:
    somme = sum((ligne.produit or Fraction(0) for ligne in lignes), Fraction(0))
    return min(MAXIMUM, MAXIMUM * somme / (bareme.maximum * poids) + bonus)


def _provisoire(bareme: Bareme, lignes: tuple[Ligne, ...], poids: Fraction, bonus: Fraction) -> Provisoire:
    brute = _brute(bareme, lignes, poids, bonus)
    return Provisoire(brute, bareme.arrondi.arrondir(brute))
