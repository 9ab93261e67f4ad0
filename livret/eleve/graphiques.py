"""Les images du livret : radar, bandes, frise et barre, en SVG. Module pur.

Un niveau est ici son rang dans l'échelle ; `None` (non évalué) est un trou dans le tracé, jamais un zéro.
Deux compétences ne font pas un radar, et au-delà de seize on n'y lit plus rien : des bandes, une ligne par
compétence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, pi, sin

from livret.eleve.svg import (
    DOUX,
    ENCRE,
    TRAIT,
    chemin,
    element,
    groupe,
    image,
    ligne,
    polygone,
    texte,
    tient,
)

TEINTES = {
    "vide": "#ffffff",
    "quart": "#9fc3e4",
    "demi": "#4f8fc6",
    "trois_quarts": "#2c6aa8",
    "plein": "#123f73",
}
LARGEUR = 340
AXES = range(3, 17)
"""Combien de compétences un radar montre lisiblement."""
BANDES_PAR_DESSIN = 40
"""Lignes d'un dessin en bandes : il tient sur une page, et l'on en fait autant qu'il faut."""
CASES = 16


@dataclass(frozen=True)
class Trait:
    """Comment se dessine une voix : couleur, forme et tirets, pour qui ne voit pas les couleurs."""

    couleur: str
    marque: str
    tirets: str
    taille: float
    plein: bool = True
    fond: float = 0.0


ENSEIGNANTS = Trait("#123f73", "rond", "", 10, plein=False, fond=0.16)
ELEVE = Trait("#a34a00", "carre", "6 2.5", 7, plein=False)
TUTEUR = Trait("#6a2c8f", "triangle", "1.6 2.6", 5)


@dataclass(frozen=True)
class TraceRadar:
    """Une voix dans le radar : le rang de son niveau dans chaque compétence."""

    nom: str
    trait: Trait
    rangs: tuple[int | None, ...]


@dataclass(frozen=True)
class Point:
    """Un niveau dans une frise ; `instant` : de 0 (entrée dans le cycle) au nombre de ses semestres."""

    instant: float
    rang: int
    trait: Trait


def portrait(
    codes: tuple[str, ...], echelle: tuple[str, ...], traces: tuple[TraceRadar, ...], nom: str, titre: str
) -> tuple[str, ...]:
    """Le radar, ou autant de dessins en bandes qu'il en faut."""
    if len(codes) in AXES or not codes:
        return (radar(codes, echelle, traces, nom, titre),)
    dessins = []
    for premier in range(0, len(codes), BANDES_PAR_DESSIN):
        tranche = slice(premier, premier + BANDES_PAR_DESSIN)
        vues = tuple(TraceRadar(une.nom, une.trait, une.rangs[tranche]) for une in traces)
        suite = f"{nom}-{premier // BANDES_PAR_DESSIN + 1}" if premier else nom
        dessins.append(bandes(codes[tranche], echelle, vues, suite, titre))
    return tuple(dessins)


@lru_cache(maxsize=256)
def radar(
    codes: tuple[str, ...], echelle: tuple[str, ...], traces: tuple[TraceRadar, ...], nom: str, titre: str
) -> str:
    """Un axe par compétence, un cercle par niveau ; le plus bas est le premier cercle, non le centre."""
    x0, y0, rayon = LARGEUR / 2, 166.0, 124.0
    pas = rayon / max(len(echelle), 1)
    angles = [2 * pi * rang / max(len(codes), 1) for rang in range(len(codes))]

    def place(rang: int, distance: float) -> tuple[float, float]:
        return x0 + distance * sin(angles[rang]), y0 - distance * cos(angles[rang])

    fond = [
        element("circle", cx=x0, cy=y0, r=pas * tour, fill="none", stroke=TRAIT, stroke_width=0.8)
        for tour in range(1, len(echelle) + 1)
    ]
    for rang, code in enumerate(codes):
        vu = any(trace.rangs[rang] is not None for trace in traces)
        bout = place(rang, rayon)
        fond.append(ligne(x0, y0, *bout, stroke=TRAIT, stroke_dasharray=None if vu else "1.5 2.5"))
        fond.append(_bout(place(rang, rayon + 8), angles[rang], code, vu))
    biais = pi / max(len(codes), 1)
    fond += [
        texte(x0 + pas * tour * sin(biais), y0 - pas * tour * cos(biais) + 3, niveau, 9, teinte=DOUX)
        for tour, niveau in enumerate(echelle, start=1)
    ]
    voix = [
        _voix(
            trace,
            [None if r is None else place(i, pas * (r + 1)) for i, r in enumerate(trace.rangs)],
            (x0, y0),
        )
        for trace in traces
    ]
    dessin = "".join([*fond, *voix, _legende(traces, 356)])
    return image(LARGEUR, 370, nom, titre, " ".join(_dit(codes, echelle, traces)), dessin)


def _bout(place: tuple[float, float], angle: float, code: str, vu: bool) -> str:
    """Le nom d'un axe, du côté où il ne touche pas le dessin."""
    cote = sin(angle)
    ancre = "middle" if abs(cote) < 0.25 else "start" if cote > 0 else "end"
    dit = tient(code, 46, 11) if vu else f"{tient(code, 34, 11)} –"
    return texte(place[0], place[1] + 4 - 4 * cos(angle), dit, 11, ancre)


def _voix(trace: TraceRadar, points: list[tuple[float, float] | None], centre: tuple[float, float]) -> str:
    """Le tracé se referme sur le premier axe ; la surface ne joint que deux voisines évaluées."""
    ferme = len(points) > 2
    tour = [*points, points[0]] if ferme else points
    contenu = []
    if trace.trait.fond and ferme:
        contenu = [
            polygone(
                (centre, un, autre), class_="surface", fill=trace.trait.couleur, fill_opacity=trace.trait.fond
            )
            for un, autre in pairwise(tour)
            if un and autre
        ]
    contenu.append(chemin(_morceaux(tour), **_style(trace.trait)))
    contenu += [_marque(trace.trait, *point) for point in points if point]
    return groupe(contenu, class_="voix")


def _morceaux(points: list[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """Les suites de points que rien n'interrompt."""
    morceau: list[tuple[float, float]] = []
    for point in points:
        if point is None:
            yield morceau
            morceau = []
        else:
            morceau.append(point)
    yield morceau


@lru_cache(maxsize=256)
def bandes(
    codes: tuple[str, ...], echelle: tuple[str, ...], traces: tuple[TraceRadar, ...], nom: str, titre: str
) -> str:
    """Une ligne par compétence, les niveaux de gauche à droite, une marque par voix."""
    gauche, droite, hauteur, tete = 84.0, LARGEUR - 14.0, 16.0, 22.0
    pas = (droite - gauche) / max(len(echelle) - 1, 1)
    pied = tete + hauteur * len(codes)
    dessin = [
        texte(gauche + pas * rang, 12, tient(niveau, pas, 9), 9, teinte=DOUX)
        for rang, niveau in enumerate(echelle)
    ]
    dessin += [
        ligne(gauche + pas * rang, tete - 4, gauche + pas * rang, pied, stroke=TRAIT, stroke_width=0.8)
        for rang in range(len(echelle))
    ]
    for rang, code in enumerate(codes):
        y = tete + hauteur * (rang + 0.5)
        vu = any(trace.rangs[rang] is not None for trace in traces)
        dessin.append(texte(gauche - 12, y + 3.5, tient(code, gauche - 24) + ("" if vu else " –"), 10, "end"))
        dessin.append(ligne(gauche, y, droite, y, stroke=TRAIT, stroke_dasharray=None if vu else "1.5 2.5"))
    for trace in traces:
        marques = (
            _marque(trace.trait, gauche + pas * niveau, tete + hauteur * (rang + 0.5))
            for rang, niveau in enumerate(trace.rangs)
            if niveau is not None
        )
        dessin.append(groupe(marques, class_="voix"))
    dessin.append(_legende(traces, pied + 16))
    return image(LARGEUR, pied + 28, nom, titre, " ".join(_dit(codes, echelle, traces)), "".join(dessin))


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
    gauche, haut, bas = 22.0, 4.0, 88.0
    large = (LARGEUR - 4 - gauche) / max(len(semestres), 1)
    marche = (bas - haut) / max(len(echelle), 1)

    def y(rang: float) -> float:
        return bas - marche * (rang + 0.5)

    dessin = []
    for rang, niveau in enumerate(echelle):
        dessin.append(texte(gauche - 5, y(rang) + 3, tient(niveau, gauche, 9), 9, "end", DOUX))
        dessin.append(ligne(gauche, y(rang), LARGEUR - 4, y(rang), stroke=TRAIT, stroke_width=0.6))
    for rang in range(len(semestres) + 1):
        x = gauche + large * rang
        dessin.append(ligne(x, haut, x, bas, stroke=TRAIT, stroke_width=0.6))
    for rang, semestre in enumerate(semestres):
        dessin.append(texte(gauche + large * (rang + 0.5), 101, tient(semestre, large, 9), 9, teinte=DOUX))
    for rang, palier in enumerate(attendus):
        if palier is not None:
            x = gauche + large * rang
            dessin.append(ligne(x, y(palier), x + large, y(palier), stroke="#b9c2cd", stroke_width=6))
    marques = (_marque(point.trait, gauche + large * point.instant, y(point.rang)) for point in points)
    dessin.append(groupe(marques, class_="voix") if points else "")
    return image(LARGEUR, 110, nom, titre, description, "".join(dessin))


@dataclass(frozen=True)
class PartBarre:
    """Une compétence dans la barre d'un bloc ; `rang` et `symbole` sont ceux de son meilleur niveau."""

    code: str
    niveau: str
    rang: int | None
    symbole: str

    @property
    def dite(self) -> str:
        return f"{self.code} –" if self.rang is None else f"{self.code} : {self.niveau}"


@lru_cache(maxsize=1024)
def barre(parts: tuple[PartBarre, ...], maximum: int, nom: str, titre: str) -> str:
    """Une case par compétence du bloc, remplie à la hauteur de son meilleur niveau ; au-delà de seize, le
    nombre de compétences à chaque niveau."""
    description = " ; ".join(
        f"{part.code} : {'non évaluée' if part.rang is None else f'niveau {part.niveau}'}" for part in parts
    )
    if len(parts) > CASES:
        return image(LARGEUR, 44, nom, titre, description, _repartition(parts))
    rangees = [parts[debut : debut + 8] for debut in range(0, len(parts), 8)] or [parts]
    dessin = "".join(
        groupe(_rangee(rangee, maximum, max(map(len, rangees))), transform=f"translate(0 {44 * rang})")
        for rang, rangee in enumerate(rangees)
    )
    return image(LARGEUR, 44 * len(rangees), nom, titre, description, dessin)


def _rangee(parts: tuple[PartBarre, ...], maximum: int, places: int) -> Iterator[str]:
    large = (LARGEUR - 4) / max(places, 1)
    for place, part in enumerate(parts):
        x, plein = 2 + large * (place + 0.04), large * 0.92
        if part.rang is not None:
            haut = 24 * (part.rang + 1) / maximum
            teinte = TEINTES.get(part.symbole, TEINTES["demi"])
            yield element("rect", x=x, y=26 - haut, width=plein, height=haut, fill=teinte)
        yield element(
            "rect",
            x=x,
            y=2,
            width=plein,
            height=24,
            fill="none",
            stroke="#8c98a6" if part.rang is None else "#123f73",
            stroke_dasharray="1.5 2.5" if part.rang is None else None,
        )
        taille = 10 if len(part.dite) * 5.8 <= large else 7.5
        yield texte(x + plein / 2, 38, tient(part.dite, large, taille), taille)


def _repartition(parts: tuple[PartBarre, ...]) -> str:
    """Combien de compétences à chaque niveau, du plus haut au plus bas, puis les non évaluées."""
    nombres = Counter((-1 if p.rang is None else p.rang, p.niveau, p.symbole) for p in parts)
    dessin, x = [], 2.0
    for (rang, niveau, symbole), nombre in sorted(nombres.items(), reverse=True):
        large = (LARGEUR - 4) * nombre / len(parts)
        teinte = "none" if rang < 0 else TEINTES.get(symbole, TEINTES["demi"])
        dessin.append(
            element(
                "rect",
                x=x,
                y=2,
                width=large,
                height=24,
                fill=teinte,
                stroke="#8c98a6" if rang < 0 else "#123f73",
                stroke_dasharray="1.5 2.5" if rang < 0 else None,
            )
        )
        dit = f"{nombre} –" if rang < 0 else f"{niveau} : {nombre}"
        if len(dit) * 5.2 <= large:
            dessin.append(texte(x + large / 2, 38, dit, 9))
        x += large
    return "".join(dessin)


def _style(trait: Trait) -> dict[str, str | float | None]:
    return {
        "stroke": trait.couleur,
        "stroke_width": 1.6,
        "stroke_dasharray": trait.tirets or None,
    }


def _marque(trait: Trait, x: float, y: float) -> str:
    demi = trait.taille / 2
    aspect: dict[str, str | float | None] = {
        "class_": "marque",
        "fill": trait.couleur if trait.plein else "none",
        "stroke": trait.couleur,
        "stroke_width": 1.4,
    }
    if trait.marque == "rond":
        return element("circle", cx=x, cy=y, r=demi, **aspect)
    if trait.marque == "carre":
        return element("rect", x=x - demi, y=y - demi, width=trait.taille, height=trait.taille, **aspect)
    return polygone(((x, y - demi), (x + demi, y + demi), (x - demi, y + demi)), **aspect)


def _legende(traces: tuple[TraceRadar, ...], y: float) -> str:
    large = LARGEUR / max(len(traces), 1)
    dessin = []
    for place, trace in enumerate(traces):
        x = large * (place + 0.5) - 15 - 2.9 * len(trace.nom)
        dessin.append(ligne(x, y, x + 24, y, **_style(trace.trait)))
        dessin.append(_marque(trace.trait, x + 12, y))
        dessin.append(texte(x + 30, y + 3.5, trace.nom, 10, "start", ENCRE))
    return groupe(dessin, class_="legende") if dessin else ""


def _dit(codes: tuple[str, ...], echelle: tuple[str, ...], traces: tuple[TraceRadar, ...]) -> Iterator[str]:
    for trace in traces:
        niveaux = " ; ".join(
            f"{code} : {'non évaluée' if rang is None else f'niveau {echelle[rang]}'}"
            for code, rang in zip(codes, trace.rangs, strict=True)
        )
        yield f"{trace.nom}. {niveaux}."
