"""Le radar d'un livret : une géométrie, que le gabarit `livret/_radar.svg` dessine.

Un axe par compétence, un cercle par niveau ; le plus bas niveau est le premier cercle, non le
centre, pour qu'il ne se confonde pas avec « non évalué », qui n'a pas de point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

RAYON, COTE = 120, 340


@dataclass(frozen=True)
class Axe:
    code: str
    bout: tuple[str, str]
    etiquette: tuple[str, str]
    ancre: str
    point: tuple[str, str] | None


@dataclass(frozen=True)
class Radar:
    """Coordonnées écrites avec un point décimal, quelle que soit la langue."""

    axes: tuple[Axe, ...]
    cercles: tuple[tuple[str, str], ...]
    graduations: tuple[tuple[str, str], ...]
    secteurs: tuple[str, ...]
    segments: tuple[str, ...]
    description: str
    cote: int = COTE
    centre: int = COTE // 2


def radar(niveaux: Sequence[tuple[str, int | None]], codes: Sequence[str]) -> Radar:
    """`niveaux` : chaque compétence et le rang de son niveau ; `codes` : ceux de l'échelle, en montant.

    La surface ne relie que deux compétences voisines toutes deux évaluées.
    """
    nombre = len(niveaux)
    points = [
        None if degre is None else _position(rang, nombre, RAYON * (degre + 1) / len(codes))
        for rang, (_, degre) in enumerate(niveaux)
    ]
    voisins = [
        (depart, arrivee)
        for depart, arrivee in zip(points, [*points[1:], *points[:1]], strict=True)
        if depart and arrivee and nombre > 2
    ]
    centre = (str(COTE // 2), str(COTE // 2))
    return Radar(
        axes=tuple(
            Axe(
                code,
                _position(rang, nombre, RAYON),
                _position(rang, nombre, RAYON + 16),
                _ancre(rang, nombre),
                points[rang],
            )
            for rang, (code, _) in enumerate(niveaux)
        ),
        cercles=tuple((code, _nombre(RAYON * (rang + 1) / len(codes))) for rang, code in enumerate(codes)),
        graduations=tuple(
            (code, _nombre(COTE / 2 - RAYON * (rang + 1) / len(codes))) for rang, code in enumerate(codes)
        ),
        secteurs=tuple(_trace(centre, depart, arrivee) + "Z" for depart, arrivee in voisins),
        segments=tuple(_trace(depart, arrivee) for depart, arrivee in voisins),
        description=" ; ".join(
            f"{code} : {'non évaluée' if degre is None else f'niveau {codes[degre]}'}"
            for code, degre in niveaux
        ),
    )


def _angle(rang: int, nombre: int) -> float:
    return 2 * pi * rang / nombre - pi / 2


def _position(rang: int, nombre: int, rayon: float) -> tuple[str, str]:
    angle = _angle(rang, nombre)
    return _nombre(COTE / 2 + rayon * cos(angle)), _nombre(COTE / 2 + rayon * sin(angle))


def _ancre(rang: int, nombre: int) -> str:
    horizontal = cos(_angle(rang, nombre))
    return "middle" if abs(horizontal) < 0.1 else "start" if horizontal > 0 else "end"


def _nombre(degre: float) -> str:
    return f"{degre:.1f}"


def _trace(*points: tuple[str, str]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)
