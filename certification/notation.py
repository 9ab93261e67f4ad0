"""Note d'une épreuve à partir des niveaux de maîtrise. Module pur, arithmétique exacte.

Formule (Q2) : ``brute = 20 × Σ(poids × niveau) / (niveau maximal × Σ poids)``, plus un bonus
éventuel (Q12), le tout plafonné à 20, puis arrondi selon la règle de la grille (Q4). Une
compétence sans niveau laisse la note incomplète : aucun silence ne devient une note (Q10).

Une grille à critères a une couche de plus : le niveau d'une compétence y est la moyenne de ceux de
ses critères, pondérée et exacte ; un critère de poids nul, déclaré non évalué, ne compte pas (Q46).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor

from referentiel.arrondi import DEMI_SUPERIEUR, Arrondi
from trpm.base import instantane

MAXIMUM = Fraction(20)
PoidsParCode = tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class Bareme:
    """Ce que la grille dit d'une épreuve.

    `poids` : poids strictement positif de chaque compétence, par code, dans l'ordre imprimé.
    `maximum` : valeur du plus haut niveau de l'échelle, au moins 1. `bonus_max` : de 0 à 20 points.
    `criteres` : si la grille en positionne, ceux de chaque compétence avec leur poids, nul s'il est
    déclaré non évalué ; un code de critère ne sert qu'une fois.
    """

    epreuve: str
    poids: PoidsParCode
    maximum: int
    arrondi: Arrondi = DEMI_SUPERIEUR
    bonus_max: Fraction = Fraction(0)
    criteres: tuple[tuple[str, PoidsParCode], ...] = field(default=(), metadata=instantane.FACULTATIF)

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
        if self.criteres:
            self._verifier_les_criteres(codes)

    def _verifier_les_criteres(self, codes: list[str]) -> None:
        if [competence for competence, _ in self.criteres] != codes:
            raise ValueError(f"Chaque compétence de l’épreuve {self.epreuve} a ses critères, ou aucune.")
        tous = [code for _, poids in self.criteres for code, _ in poids]
        if len(set(tous)) != len(tous):
            raise ValueError(f"L’épreuve {self.epreuve} a deux critères de même code.")
        for competence, criteres in self.criteres:
            if any(poids < 0 for _, poids in criteres):
                raise ValueError(f"Un critère de {competence} a un poids négatif.")
            if not any(poids for _, poids in criteres):
                raise ValueError(f"{competence} n’a aucun critère évalué.")

    @property
    def total(self) -> Fraction:
        return sum((poids for _, poids in self.poids), Fraction(0))

    @property
    def attendus(self) -> tuple[str, ...]:
        """Ce qui reçoit un niveau : les compétences, ou leurs critères évalués."""
        if not self.criteres:
            return tuple(code for code, _ in self.poids)
        return tuple(code for _, criteres in self.criteres for code, poids in criteres if poids)

    @property
    def non_evalues(self) -> tuple[str, ...]:
        return tuple(code for _, criteres in self.criteres for code, poids in criteres if not poids)


@dataclass(frozen=True)
class LigneDeCritere:
    """Part d'un critère dans sa compétence : nulle si la grille le déclare non évalué."""

    critere: str
    poids: Fraction
    part: Fraction
    niveau: int | None


@dataclass(frozen=True)
class Ligne:
    """Part d'une compétence dans la note ; `niveau` vaut `None` tant qu'il est inconnu, et quand ce sont
    les critères qui en portent un."""

    competence: str
    poids: Fraction
    part: Fraction
    niveau: int | None
    criteres: tuple[LigneDeCritere, ...] = field(default=(), metadata=instantane.FACULTATIF)

    @property
    def attendus(self) -> tuple[LigneDeCritere, ...]:
        return tuple(critere for critere in self.criteres if critere.poids)

    @property
    def valeur(self) -> Fraction | None:
        """Niveau exact, d'après tous les critères attendus s'il y en a ; `None` s'il en manque un."""
        return None if self.manques else self.sur_evalues

    @property
    def sur_evalues(self) -> Fraction | None:
        """De même, comme si la grille avait déclaré non évalué ce qui n'a pas de niveau."""
        if not self.criteres:
            return None if self.niveau is None else Fraction(self.niveau)
        vus = [(critere.part, critere.niveau) for critere in self.attendus if critere.niveau is not None]
        total = sum((part for part, _ in vus), Fraction(0))
        return sum((part * niveau for part, niveau in vus), Fraction(0)) / total if vus else None

    @property
    def avec_zero(self) -> Fraction:
        """De même, ce qui n'a pas de niveau compté 0."""
        if not self.criteres:
            return Fraction(self.niveau or 0)
        return sum((critere.part * (critere.niveau or 0) for critere in self.attendus), Fraction(0))

    @property
    def manques(self) -> tuple[str, ...]:
        """Ce qui attend un niveau : la compétence, ou ses critères."""
        if not self.criteres:
            return (self.competence,) if self.niveau is None else ()
        return tuple(critere.critere for critere in self.attendus if critere.niveau is None)

    @property
    def produit(self) -> Fraction | None:
        return None if self.valeur is None else self.poids * self.valeur


@dataclass(frozen=True)
class Provisoire:
    """Note provisoire d'une épreuve incomplète (Q10) ; elle ne se propose pas."""

    brute: Fraction
    calculee: Decimal


@dataclass(frozen=True)
class Note:
    """La note et le chemin qui y mène.

    `brute` : fraction exacte de 0 à 20 ; `calculee` : après arrondi. Les deux valent `None`
    tant qu'une compétence, ou l'un de ses critères, est sans niveau ; `sur_evaluees` (poids de ce qui
    est évalué seul) et `avec_zero` (non évalué compté 0) sont alors les deux notes provisoires.
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
        return tuple(code for ligne in self.lignes for code in ligne.manques)

    @property
    def niveaux(self) -> dict[str, int | None]:
        """De quoi la recalculer."""
        feuilles = {li.competence: li.niveau for li in self.lignes if not li.criteres}
        return feuilles | {une.critere: une.niveau for li in self.lignes for une in li.attendus}


def note_epreuve(bareme: Bareme, niveaux: Mapping[str, int | None], bonus: Fraction = Fraction(0)) -> Note:
    """Calcule la note d'une épreuve.

    `niveaux` : valeur (de 0 au maximum de l'échelle) par code de compétence, ou de critère si la grille
    en positionne, `None` ou absent si inconnu. `bonus` : points, de 0 au bonus maximal de la grille.
    Lève `ValueError` pour un code étranger à l'épreuve, un niveau hors de l'échelle ou un bonus hors bornes.
    """
    _verifie(bareme, niveaux, bonus)
    lignes = _lignes(bareme, niveaux)
    if all(ligne.valeur is not None for ligne in lignes):
        brute = _brute(bareme, [(ligne.poids, ligne.valeur) for ligne in lignes], bonus)
        return Note(bareme, lignes, bonus, brute, bareme.arrondi.arrondir(brute))
    avec_zero = _provisoire(bareme, [(ligne.poids, ligne.avec_zero) for ligne in lignes], bonus)
    evaluees = [(ligne.poids, ligne.sur_evalues) for ligne in lignes if ligne.sur_evalues is not None]
    sur_evaluees = _provisoire(bareme, evaluees, bonus) if evaluees else None
    return Note(bareme, lignes, bonus, None, None, sur_evaluees, avec_zero)


def _lignes(bareme: Bareme, niveaux: Mapping[str, int | None]) -> tuple[Ligne, ...]:
    criteres = dict(bareme.criteres)
    return tuple(
        Ligne(
            code,
            poids,
            poids / bareme.total,
            None if code in criteres else niveaux.get(code),
            _criteres(criteres.get(code, ()), niveaux),
        )
        for code, poids in bareme.poids
    )


def _criteres(poids: PoidsParCode, niveaux: Mapping[str, int | None]) -> tuple[LigneDeCritere, ...]:
    total = sum((valeur for _, valeur in poids), Fraction(0))
    return tuple(LigneDeCritere(code, valeur, valeur / total, niveaux.get(code)) for code, valeur in poids)


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


def explication(note: Note, codes: Mapping[int, str] | None = None) -> tuple[str, ...]:
    """Le calcul raconté ligne à ligne, tel qu'on peut le refaire à la main.

    `codes` : par valeur, le code d'une échelle dont les codes chiffrés sont autre chose que leur valeur.
    """
    bareme, codes = note.bareme, codes or {}
    lignes: list[str] = []
    for une in note.lignes:
        lignes += [*_explication_criteres(une, codes), _pesee(une, codes)]
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


def _niveau_dit(valeur: int, codes: Mapping[int, str]) -> str:
    return f"niveau {codes[valeur]}, compté {valeur}" if valeur in codes else f"niveau {valeur}"


def _pesee(ligne: Ligne, codes: Mapping[int, str]) -> str:
    pese = f"{ligne.competence} : poids {nombre(ligne.poids)} ({nombre(ligne.part * 100, 2)} %) × "
    if ligne.valeur is None or ligne.produit is None:
        return f"{pese}niveau inconnu"
    donne = f"niveau {nombre(ligne.valeur)}" if ligne.niveau is None else _niveau_dit(ligne.niveau, codes)
    return f"{pese}{donne} = {nombre(ligne.produit)}"


def _explication_criteres(ligne: Ligne, codes: Mapping[int, str]) -> Iterable[str]:
    for une in ligne.criteres:
        if not une.poids:
            yield f"{une.critere} : non évalué, la grille le déclare (poids 0)"
            continue
        pese = (
            f"{une.critere} : poids {nombre(une.poids)}, {nombre(une.part * 100, 2)} % de {ligne.competence}"
        )
        vu = une.niveau
        connu = f"{_niveau_dit(vu, codes)} = {nombre(une.part * vu)}" if vu is not None else "niveau inconnu"
        yield f"{pese} × {connu}"


@dataclass(frozen=True)
class Variation:
    """Ce que deviendrait la note si une compétence, ou un critère, passait à ce niveau."""

    niveau: int
    brute: Fraction
    calculee: Decimal
    ecart: Decimal


@dataclass(frozen=True)
class Sensibilite:
    """Un niveau de moins et un niveau de plus ; `None` au bout de l'échelle.

    `competence` : le code de ce qui change, compétence ou critère.
    """

    competence: str
    moins: Variation | None
    plus: Variation | None


def sensibilites(note: Note, valeurs: Sequence[int] = ()) -> tuple[Sensibilite, ...]:
    """Effet d'un niveau de plus ou de moins sur chaque compétence, ou critère, le reste étant égal.

    `valeurs` : celles de l'échelle, par défaut tous les entiers de 0 au maximum. Une note incomplète
    n'a pas d'effet à montrer.
    """
    if not note.complete:
        return ()
    echelle = sorted(valeurs or range(note.bareme.maximum + 1))
    return tuple(_sensibilite(note, code, niveau or 0, echelle) for code, niveau in note.niveaux.items())


def _sensibilite(note: Note, code: str, niveau: int, echelle: list[int]) -> Sensibilite:
    moins = max((valeur for valeur in echelle if valeur < niveau), default=None)
    plus = min((valeur for valeur in echelle if valeur > niveau), default=None)
    return Sensibilite(code, _variation(note, code, moins), _variation(note, code, plus))


def _variation(note: Note, code: str, niveau: int | None) -> Variation | None:
    if niveau is None:
        return None
    autre = note_epreuve(note.bareme, note.niveaux | {code: niveau}, note.bonus)
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


PROVISOIRES = {
    False: ("poids des seules compétences évaluées", "compétences non évaluées comptées 0"),
    True: ("poids des seuls critères évalués", "critères non évalués comptés 0"),
}
"""Comment se nomment les deux notes provisoires, sans critères puis avec."""


def _explication_incomplete(note: Note) -> tuple[str, ...]:
    sur, zero = PROVISOIRES[bool(note.bareme.criteres)]
    provisoires = {sur: note.sur_evaluees, zero: note.avec_zero}
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
    attendus, nature = bareme.attendus, "un critère" if bareme.criteres else "une compétence"
    for code, niveau in niveaux.items():
        if code in bareme.non_evalues:
            raise ValueError(f"{code} est déclaré non évalué par la grille : il ne reçoit pas de niveau.")
        if code not in attendus:
            raise ValueError(f"{code} n’est pas {nature} de {bareme.epreuve} ({', '.join(attendus)}).")
        if niveau is not None and not 0 <= niveau <= bareme.maximum:
            raise ValueError(f"Niveau {niveau} hors de l’échelle pour {code} : de 0 à {bareme.maximum}.")
    if not 0 <= bonus <= bareme.bonus_max:
        raise ValueError(f"Bonus {bonus} hors bornes : de 0 à {bareme.bonus_max}.")


def _brute(bareme: Bareme, pesees: Sequence[tuple[Fraction, Fraction | None]], bonus: Fraction) -> Fraction:
    """`pesees` : poids et niveau exact de chaque compétence qui compte."""
    total = sum((poids for poids, _ in pesees), Fraction(0))
    somme = sum((poids * (niveau or 0) for poids, niveau in pesees), Fraction(0))
    return min(MAXIMUM, MAXIMUM * somme / (bareme.maximum * total) + bonus)


def _provisoire(
    bareme: Bareme, pesees: Sequence[tuple[Fraction, Fraction | None]], bonus: Fraction
) -> Provisoire:
    brute = _brute(bareme, pesees, bonus)
    return Provisoire(brute, bareme.arrondi.arrondir(brute))
