"""La couleur d'un établissement, accordée à la lecture : 4,5 au moins de contraste. Module pur.

On garde la teinte choisie ; la clarté s'ajuste, de jour comme de nuit, jusqu'à ce que tout ce qui s'écrit
avec elle ou par-dessus elle se lise (WCAG 2.2 AA).
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable

ACCENT = "#1b4b82"
"""Celle du produit."""
MINIMUM = 4.5
JOUR, NUIT = ("#ffffff", "#f5f7fa"), ("#12171e", "#1b222b")
BLANC = "#ffffff"
PAS = 0.01

Teinte = tuple[float, float, float]


def luminance(couleur: str) -> float:
    """Au sens de WCAG : de 0, noir, à 1, blanc."""
    voies = (int(couleur[rang : rang + 2], 16) / 255 for rang in (1, 3, 5))
    rouge, vert, bleu = (
        voie / 12.92 if voie <= 0.04045 else ((voie + 0.055) / 1.055) ** 2.4 for voie in voies
    )
    return 0.2126 * rouge + 0.7152 * vert + 0.0722 * bleu


def contraste(une: str, autre: str) -> float:
    sombre, claire = sorted((luminance(une), luminance(autre)))
    return (claire + 0.05) / (sombre + 0.05)


def palette(couleur: str) -> dict[str, dict[str, str]]:
    """Les variables de style, de jour et de nuit, pour cette couleur."""
    teinte, clarte, vivacite = _teinte(couleur)
    pale, pale_de_nuit = _ecrite(teinte, 0.95, min(vivacite, 0.6)), _ecrite(teinte, 0.19, min(vivacite, 0.4))
    jour = _lisible((teinte, min(clarte, 0.45), vivacite), [*JOUR, pale], -PAS)
    appuyee = _lisible((teinte, max(_teinte(jour)[1] - 0.1, 0), vivacite), [*JOUR, pale], -PAS)
    nuit = _lisible((teinte, 0.6, min(vivacite, 0.8)), [*NUIT, pale_de_nuit], PAS)
    claire = _lisible(
        (teinte, min(_teinte(nuit)[1] + 0.1, 1), min(vivacite, 0.8)), [*NUIT, pale_de_nuit], PAS
    )
    fond = _lisible((teinte, 0.4, vivacite), [BLANC], -PAS)
    fond_survole = _lisible((teinte, 0.47, vivacite), [BLANC], -PAS)
    return {
        "jour": _variables(jour, appuyee, pale, jour, appuyee),
        "nuit": _variables(nuit, claire, pale_de_nuit, fond, fond_survole),
    }


def feuille(couleur: str) -> str:
    """La feuille de style qui donne cette couleur au site."""
    dits = palette(couleur)
    return "".join(
        f"{ou}{{{''.join(f'{nom}:{valeur};' for nom, valeur in dits[quand].items())}}}\n"
        for ou, quand in ((":root", "jour"), ('[data-bs-theme="dark"]', "nuit"))
    )


def _variables(accent: str, fonce: str, pale: str, fond: str, fond_fonce: str) -> dict[str, str]:
    return {
        "--accent": accent,
        "--accent-fonce": fonce,
        "--accent-pale": pale,
        "--accent-fond": fond,
        "--accent-fond-fonce": fond_fonce,
        "--bs-link-color-rgb": _voies(accent),
        "--bs-link-hover-color-rgb": _voies(fonce),
    }


def _lisible(depart: Teinte, contre: Iterable[str], pas: float) -> str:
    """La première clarté, en partant de celle-ci, qui se lit contre toutes ces couleurs."""
    teinte, clarte, vivacite = depart
    contre = tuple(contre)
    while 0 < clarte < 1:
        couleur = _ecrite(teinte, clarte, vivacite)
        if all(contraste(couleur, autre) >= MINIMUM for autre in contre):
            return couleur
        clarte += pas
    return "#000000" if pas < 0 else BLANC


def _teinte(couleur: str) -> Teinte:
    return colorsys.rgb_to_hls(*(int(couleur[rang : rang + 2], 16) / 255 for rang in (1, 3, 5)))


def _ecrite(teinte: float, clarte: float, vivacite: float) -> str:
    voies = colorsys.hls_to_rgb(teinte, clarte, vivacite)
    return "#" + "".join(f"{round(voie * 255):02x}" for voie in voies)


def _voies(couleur: str) -> str:
    return ", ".join(str(int(couleur[rang : rang + 2], 16)) for rang in (1, 3, 5))
