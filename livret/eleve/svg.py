"""Écrire un dessin SVG : le même texte à l'écran et dans le PDF. Module pur.

Ni style ni script en ligne, couleurs en attributs, identifiants au nom du dessin, mêmes octets pour les mêmes
données. Tout texte est échappé : un code de compétence est libre.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

ENCRE, DOUX, TRAIT = "#1c2430", "#52606f", "#c3cbd5"
FAMILLE = "Document, Noto Sans, Liberation Sans, DejaVu Sans, sans-serif"
CHASSE = 0.58
"""Largeur moyenne d'un signe, en part de sa hauteur : de quoi dire si un mot tient."""

Valeur = str | float | None


def nombre(valeur: float) -> str:
    return f"{valeur:.2f}".rstrip("0").rstrip(".")


def element(nom: str, contenu: str = "", /, **attributs: Valeur) -> str:
    """Une balise ; `stroke_width` devient `stroke-width`, une valeur `None` ne s'écrit pas."""
    ecrits = "".join(
        f' {cle.rstrip("_").replace("_", "-")}="{_attribut(valeur)}"'
        for cle, valeur in attributs.items()
        if valeur is not None
    )
    return f"<{nom}{ecrits}>{contenu}</{nom}>" if contenu else f"<{nom}{ecrits}/>"


def _attribut(valeur: str | float) -> str:
    return escape(valeur, {'"': "&quot;"}) if isinstance(valeur, str) else nombre(valeur)


def groupe(contenu: Iterable[str], /, **attributs: Valeur) -> str:
    return element("g", "".join(contenu), **attributs)


def ligne(x1: float, y1: float, x2: float, y2: float, /, **attributs: Valeur) -> str:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributs)


def texte(
    x: float, y: float, dit: str, taille: float = 10, ancre: str = "middle", teinte: str = ENCRE
) -> str:
    return element("text", escape(dit), x=x, y=y, font_size=taille, text_anchor=ancre, fill=teinte)


def chemin(morceaux: Iterable[list[tuple[float, float]]], /, **attributs: Valeur) -> str:
    """Des lignes brisées ; un morceau d'un seul point ne trace rien, mais se compte."""
    trace = " ".join(
        "M" + " L".join(f"{nombre(x)} {nombre(y)}" for x, y in morceau) for morceau in morceaux if morceau
    )
    return element("path", d=trace, fill="none", **attributs) if trace else ""


def polygone(points: Iterable[tuple[float, float]], /, **attributs: Valeur) -> str:
    return element("polygon", points=" ".join(f"{nombre(x)},{nombre(y)}" for x, y in points), **attributs)


def tient(dit: str, largeur: float, taille: float = 10) -> str:
    """Le texte, abrégé s'il dépasserait cette largeur."""
    signes = max(int(largeur / (CHASSE * taille)), 2)
    return dit if len(dit) <= signes else f"{dit[: signes - 1]}…"


def image(largeur: float, hauteur: float, nom: str, titre: str, description: str, dessin: str) -> str:
    """Le dessin entier, avec son titre et ce qu'il dit en toutes lettres."""
    nom = "".join(nom.split())
    return element(
        "svg",
        element("title", escape(titre) or " ", id=f"{nom}-titre")
        + element("desc", escape(description) or " ", id=f"{nom}-description")
        + dessin,
        xmlns="http://www.w3.org/2000/svg",
        width=largeur,
        height=hauteur,
        viewBox=f"0 0 {nombre(largeur)} {nombre(hauteur)}",
        class_="dessin",
        role="img",
        aria_labelledby=f"{nom}-titre {nom}-description",
        font_family=FAMILLE,
        stroke_linejoin="round",
    )
