"""Mise en forme à la française d’un tableau de texte. Module pur."""

from collections.abc import Iterable, Sequence

FINE = "\u202f"


def nombre(valeur: float, decimales: int = 0) -> str:
    return f"{valeur:_.{decimales}f}".replace("_", FINE).replace(".", ",")


def significatif(valeur: float) -> str:
    """Trois chiffres significatifs, sans notation scientifique."""
    if valeur >= 100:
        return nombre(valeur)
    return nombre(valeur, 1 if valeur >= 10 else 2)


def fois(valeur: float) -> str:
    return f"× {significatif(valeur)}"


def tableau(titres: Sequence[str], lignes: Iterable[Sequence[str]]) -> str:
    """Première colonne à gauche, les autres à droite."""
    rangees = [titres, *lignes]
    largeurs = [max(map(len, colonne)) for colonne in zip(*rangees, strict=True)]
    return "\n".join(_rangee(rangee, largeurs) for rangee in rangees)


def _rangee(cases: Sequence[str], largeurs: Sequence[int]) -> str:
    premiere, *autres = zip(cases, largeurs, strict=True)
    return "  ".join(
        ["  " + premiere[0].ljust(premiere[1]), *(case.rjust(largeur) for case, largeur in autres)]
    )
