"""Les images du livret : radar, frise et barre, en SVG. Module pur, dessiné par matplotlib.

Le même texte sert à l'écran et dans le PDF : ni style ni script en ligne, couleurs en attributs,
identifiants propres à chaque dessin, mêmes octets pour les mêmes données. Un niveau est ici son
rang dans l'échelle ; `None` (non évalué) est un trou dans le tracé, jamais un zéro.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from math import nan, pi
from threading import Lock
from typing import Any
from xml.etree import ElementTree

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", _XLINK)
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "trpm", "font.size": 11})
_SANS_DATE = {"Date": None, "Creator": None, "Format": None, "Type": None}
_VERROU = Lock()
_POINTS_PAR_POUCE = 72

ENCRE, DOUX, TRAIT = "#1c2430", "#52606f", "#c3cbd5"
TEINTES = {
    "vide": "#ffffff",
    "quart": "#9fc3e4",
    "demi": "#4f8fc6",
    "trois_quarts": "#2c6aa8",
    "plein": "#123f73",
}


@dataclass(frozen=True)
class Trait:
    """Comment se dessine une voix : couleur, forme et tirets, pour qui ne voit pas les couleurs."""

    couleur: str
    marque: str
    tirets: str
    taille: float
    plein: bool = True
    fond: float = 0.0


ENSEIGNANTS = Trait("#123f73", "o", "-", 10, plein=False, fond=0.16)
ELEVE = Trait("#a34a00", "s", "--", 7, plein=False)
TUTEUR = Trait("#6a2c8f", "^", ":", 5)


@dataclass(frozen=True)
class TraceRadar:
    """Une voix dans le radar : le rang de son niveau dans chaque compétence."""

    nom: str
    trait: Trait
    rangs: tuple[int | None, ...]


@dataclass(frozen=True)
class Point:
    """Un niveau dans une frise ; `instant` : de 0 (entrée en 2de) à 6 (fin de Tle)."""

    instant: float
    rang: int
    trait: Trait


@lru_cache(maxsize=256)
def radar(
    codes: tuple[str, ...], echelle: tuple[str, ...], traces: tuple[TraceRadar, ...], nom: str, titre: str
) -> str:
    """Un axe par compétence, un cercle par niveau ; le plus bas est le premier cercle, non le centre."""
    figure = _figure(340, 370)
    axes: Any = figure.add_axes((0.12, 0.16, 0.76, 0.76), projection="polar")
    axes.set_theta_offset(pi / 2)
    axes.set_theta_direction(-1)
    axes.set_frame_on(False)
    angles = [2 * pi * rang / max(len(codes), 1) for rang in range(len(codes))]
    vues = [any(trace.rangs[rang] is not None for trace in traces) for rang in range(len(codes))]
    axes.set_xticks(angles, [code if vue else f"{code} –" for code, vue in zip(codes, vues, strict=True)])
    axes.set_yticks(range(1, len(echelle) + 1), echelle, fontsize=9, color=DOUX)
    axes.set_ylim(0, len(echelle) + 0.12)
    axes.set_rlabel_position(15)
    axes.grid(color=TRAIT, linewidth=0.8)
    axes.tick_params(axis="x", pad=5, colors=ENCRE)
    for ligne, vue in zip(axes.xaxis.get_gridlines(), vues, strict=True):
        ligne.set_linestyle("-" if vue else ":")
    for trace in traces:
        _tracer(axes, angles, trace)
    figure.legend(
        handles=[_modele(trace) for trace in traces],
        loc="lower center",
        ncols=3,
        frameon=False,
        fontsize=10,
        labelcolor=ENCRE,
        columnspacing=1.2,
        handlelength=2.2,
    )
    return _en_ligne(figure, nom, titre, " ".join(_dit(codes, echelle, traces)))


@lru_cache(maxsize=1024)
def frise(
    points: tuple[Point, ...],
    attendus: tuple[int | None, ...],
    echelle: tuple[str, ...],
    semestres: tuple[str, ...],
    nom: str,
    titre: str,
    description: str,
) -> str:
    """Les niveaux d'une compétence au fil des semestres, sur le palier attendu à chacun."""
    figure = _figure(340, 110)
    axes = figure.add_axes((0.05, 0.2, 0.93, 0.76))
    for cote in axes.spines.values():
        cote.set_visible(False)
    axes.set_xlim(0, len(semestres))
    axes.set_ylim(-0.5, len(echelle) - 0.5)
    axes.set_yticks(range(len(echelle)), echelle, fontsize=9, color=DOUX)
    axes.set_xticks([rang + 0.5 for rang in range(len(semestres))], semestres, fontsize=9, color=DOUX)
    axes.tick_params(length=0)
    axes.grid(axis="y", color=TRAIT, linewidth=0.6)
    axes.vlines(range(len(semestres) + 1), -0.5, len(echelle) - 0.5, colors=TRAIT, linewidth=0.6)
    for semestre, attendu in enumerate(attendus):
        if attendu is not None:
            axes.hlines(attendu, semestre, semestre + 1, colors="#b9c2cd", linewidth=6)
    for trait in dict.fromkeys(point.trait for point in points):
        siens = [point for point in points if point.trait == trait]
        axes.plot(
            [point.instant for point in siens],
            [point.rang for point in siens],
            gid="voix-frise",
            clip_on=False,
            **_style(trait) | {"linestyle": "none"},
        )
    return _en_ligne(figure, nom, titre, description)


@dataclass(frozen=True)
class PartBarre:
    """Une compétence dans la barre d'un bloc ; `rang` et `symbole` sont ceux de son meilleur niveau."""

    code: str
    niveau: str
    rang: int | None
    symbole: str


@lru_cache(maxsize=1024)
def barre(parts: tuple[PartBarre, ...], maximum: int, nom: str, titre: str) -> str:
    """Une case par compétence du bloc, remplie à la hauteur de son meilleur niveau."""
    figure = _figure(340, 44)
    axes = figure.add_axes((0.01, 0.4, 0.98, 0.55))
    axes.set_axis_off()
    axes.set_xlim(0, len(parts) or 1)
    axes.set_ylim(0, 1)
    for place, part in enumerate(parts):
        if part.rang is not None:
            hauteur = (part.rang + 1) / maximum
            teinte = TEINTES.get(part.symbole, TEINTES["demi"])
            axes.bar(place + 0.04, 1, 0.92 * hauteur, align="edge", color=teinte)
        axes.bar(
            place + 0.5,
            1,
            0.92,
            fill=False,
            edgecolor="#123f73" if part.rang is not None else "#8c98a6",
            linestyle="-" if part.rang is not None else ":",
            linewidth=1,
        )
        etiquette = f"{part.code} : {part.niveau}" if part.rang is not None else f"{part.code} –"
        axes.text(place + 0.5, -0.28, etiquette, ha="center", va="top", fontsize=10, color=ENCRE)
    description = " ; ".join(
        f"{part.code} : {'non évaluée' if part.rang is None else f'niveau {part.niveau}'}" for part in parts
    )
    return _en_ligne(figure, nom, titre, description)


def _figure(largeur: int, hauteur: int) -> Figure:
    figure = Figure(figsize=(largeur / _POINTS_PAR_POUCE, hauteur / _POINTS_PAR_POUCE))
    figure.patch.set_visible(False)
    return figure


def _tracer(axes: Any, angles: list[float], trace: TraceRadar) -> None:
    """Le tracé se referme sur le premier axe ; la surface ne joint que deux voisines évaluées."""
    rayons = [nan if rang is None else rang + 1 for rang in trace.rangs]
    fermes = zip([*angles, *angles[:1]], [*rayons, *rayons[:1]], strict=True)
    tour = list(fermes) if len(angles) > 2 else list(zip(angles, rayons, strict=True))
    if trace.trait.fond:
        for (depart, un), (arrivee, autre) in _voisins(tour):
            axes.fill([0, depart, arrivee], [0, un, autre], color=trace.trait.couleur, alpha=trace.trait.fond)
    axes.plot(
        [angle for angle, _ in tour],
        [rayon for _, rayon in tour],
        gid=f"voix-{trace.nom}",
        clip_on=False,
        markevery=range(len(angles)),
        **_style(trace.trait),
    )


def _voisins(
    tour: list[tuple[float, float]],
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    for depart, arrivee in zip(tour, tour[1:], strict=False):
        if depart[1] == depart[1] and arrivee[1] == arrivee[1] and len(tour) > 2:
            yield depart, arrivee


def _style(trait: Trait) -> dict[str, Any]:
    return {
        "color": trait.couleur,
        "linestyle": trait.tirets,
        "marker": trait.marque,
        "markersize": trait.taille,
        "markerfacecolor": trait.couleur if trait.plein else "none",
        "linewidth": 1.6,
    }


def _modele(trace: TraceRadar) -> Line2D:
    return Line2D([], [], label=trace.nom, **_style(trace.trait))


def _dit(codes: tuple[str, ...], echelle: tuple[str, ...], traces: tuple[TraceRadar, ...]) -> Iterator[str]:
    for trace in traces:
        niveaux = " ; ".join(
            f"{code} : {'non évaluée' if rang is None else f'niveau {echelle[rang]}'}"
            for code, rang in zip(codes, trace.rangs, strict=True)
        )
        yield f"{trace.nom}. {niveaux}."


def _en_ligne(figure: Figure, nom: str, titre: str, description: str) -> str:
    """Le SVG de matplotlib, ramené à ce que la page et WeasyPrint acceptent tous deux."""
    sortie = StringIO()
    with _VERROU:
        figure.savefig(sortie, format="svg", metadata=_SANS_DATE)
    racine = ElementTree.fromstring(sortie.getvalue())  # noqa: S314 : ce que nous venons de dessiner
    _alleger(racine)
    vises = set(re.findall(r'(?:url\(|href=")#([\w.-]+)', ElementTree.tostring(racine, encoding="unicode")))
    for element in racine.iter():
        _habiller(element, nom, vises)
    _, _, largeur, hauteur = racine.attrib["viewBox"].split()
    racine.attrib |= {
        "width": largeur,
        "height": hauteur,
        "class": "dessin",
        "role": "img",
        "aria-labelledby": f"{nom}-titre {nom}-description",
        "font-family": "Document, Noto Sans, Liberation Sans, DejaVu Sans, sans-serif",
        "stroke-linejoin": "round",
    }
    for rang, (balise, texte) in enumerate((("title", titre), ("desc", description))):
        element = ElementTree.Element(f"{{{_SVG}}}{balise}", {"id": f"{nom}-{balise_id(balise)}"})
        element.text = texte
        racine.insert(rang, element)
    return _arrondir(ElementTree.tostring(racine, encoding="unicode"))


def balise_id(balise: str) -> str:
    return {"title": "titre", "desc": "description"}[balise]


def _alleger(racine: ElementTree.Element) -> None:
    """Sans feuille de style, métadonnées ni blancs de mise en forme."""
    for parent in list(racine.iter()):
        for enfant in list(parent):
            if enfant.tag in (f"{{{_SVG}}}style", f"{{{_SVG}}}metadata"):
                parent.remove(enfant)
            enfant.tail = None
        if parent.text and not parent.text.strip():
            parent.text = None


def _habiller(element: ElementTree.Element, nom: str, vises: set[str]) -> None:
    """Le style devient des attributs ; un identifiant ne reste que s'il sert, au nom du dessin."""
    for regle in element.attrib.pop("style", "").split(";"):
        propriete, _, valeur = regle.partition(":")
        if valeur and propriete.strip() != "font-family":
            element.set(propriete.strip(), valeur.strip())
    identifiant = element.attrib.pop("id", "")
    if identifiant in vises:
        element.set("id", f"{nom}-{identifiant}")
    elif identifiant.startswith("voix-"):
        element.set("class", "voix")
    for attribut, valeur in element.attrib.items():
        if attribut == f"{{{_XLINK}}}href":
            element.set(attribut, f"#{nom}-{valeur[1:]}")
        elif valeur.startswith("url(#"):
            element.set(attribut, f"url(#{nom}-{valeur[5:]}")


def _arrondir(svg: str) -> str:
    return re.sub(r"\d+\.\d{3,}", lambda nombre: f"{float(nombre[0]):.2f}".rstrip("0").rstrip("."), svg)
