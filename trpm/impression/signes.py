"""Les disques des niveaux et les signes des positions, en lettres d’une police à nous. Module pur.

À l’écran ce sont des dessins SVG ; sur le papier, des milliers de dessins prenaient la moitié du temps d’un
livret. Ils redoublent un code et un mot écrits à côté : un lecteur de PDF ne les dit pas (`balises`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from math import cos, pi, sin

from trpm.base.a_la_demande import ALaDemande

fontbuilder, plumes = ALaDemande("fontTools.fontBuilder"), ALaDemande("fontTools.pens.ttGlyphPen")

FAMILLE = "Document signes"
CADRATIN = 1000
DISQUES = {"vide": 0.0, "quart": 0.25, "demi": 0.5, "trois_quarts": 0.75, "plein": 1.0}
"""Quelle part du disque est pleine, depuis midi."""
POSITIONS = ("avance", "attendu", "retard", "non-evaluee", "sans-attente")
PREMIER = 0xE0F0
"""Dans la zone privée d’Unicode : aucun texte saisi n’en garde (`polices.imprimable`)."""
CODES = {nom: PREMIER + rang for rang, nom in enumerate((*DISQUES, *POSITIONS))}

_DISQUE = re.compile(r'(<span class="niveau niveau-(\w+)"[^>]*>)<svg class="disque".*?</svg>', re.DOTALL)
_POSITION = re.compile(
    r'(<span class="position position-([\w-]+)"[^>]*>)<svg class="position-signe".*?</svg>', re.DOTALL
)


def en_lettres(html: str) -> str:
    """La page, ses disques et ses signes écrits plutôt que dessinés."""
    html = _DISQUE.sub(lambda trouve: _lettre(trouve, "disque", "vide"), html)
    return _POSITION.sub(lambda trouve: _lettre(trouve, "position-signe", "sans-attente"), html)


def _lettre(trouve: re.Match[str], classe: str, defaut: str) -> str:
    return f'{trouve[1]}<i class="{classe}">{chr(CODES.get(trouve[2], CODES[defaut]))}</i>'


Point = tuple[float, float]
Trace = list[Point]
CENTRE, RAYON, TRAIT = (500.0, 400.0), 450.0, 90.0


@cache
def police() -> bytes:
    """La police : un signe par niveau et par position, d’un cadratin, posé un peu sous la ligne."""
    traces: dict[str, list[Trace]] = {".notdef": []}
    traces |= {nom: [*_anneau(), *_part(part)] for nom, part in DISQUES.items()}
    traces |= {nom: dessin() for nom, dessin in zip(POSITIONS, _SIGNES, strict=True)}
    batie = fontbuilder.FontBuilder(CADRATIN, isTTF=True)
    batie.setupGlyphOrder(list(traces))
    batie.setupCharacterMap({code: nom for nom, code in CODES.items()})
    batie.setupGlyf({nom: _glyphe(trace) for nom, trace in traces.items()})
    batie.setupHorizontalMetrics(dict.fromkeys(traces, (CADRATIN, 0)))
    batie.setupHorizontalHeader(ascent=850, descent=-150)
    batie.setupNameTable({"familyName": FAMILLE, "styleName": "Regular", "psName": "Document-signes"})
    batie.setupOS2(sTypoAscender=850, sTypoDescender=-150, usWinAscent=850, usWinDescent=150)
    batie.setupPost()
    batie.font["head"].created = batie.font["head"].modified = 0
    batie.font.recalcTimestamp = False
    sortie = BytesIO()
    batie.save(sortie)
    return sortie.getvalue()


def _glyphe(traces: Iterable[Trace]) -> object:
    plume = plumes.TTGlyphPen(None)
    for trace in traces:
        plume.moveTo(trace[0])
        for point in trace[1:]:
            plume.lineTo(point)
        plume.closePath()
    return plume.glyph()


def _cercle(rayon: float, debut: float = 0.0, fin: float = 1.0) -> Trace:
    """Un arc, dans le sens des aiguilles, depuis midi ; soixante-quatre côtés font un cercle au tirage."""
    cotes = max(round(64 * (fin - debut)), 1)
    tours = [2 * pi * (debut + (fin - debut) * rang / cotes) for rang in range(cotes + 1)]
    return [(round(CENTRE[0] + rayon * sin(t)), round(CENTRE[1] + rayon * cos(t))) for t in tours]


def _anneau(debut: float = 0.0, fin: float = 1.0) -> list[Trace]:
    if fin - debut == 1:
        return [_cercle(RAYON), _cercle(RAYON - TRAIT)[::-1]]
    return [[*_cercle(RAYON, debut, fin), *_cercle(RAYON - TRAIT, debut, fin)[::-1]]]


def _part(part: float) -> list[Trace]:
    if not part:
        return []
    arc = _cercle(RAYON - TRAIT / 2, 0, part)
    return [arc if part == 1 else [CENTRE, *arc]]


def _polygone(*points: Point) -> Trace:
    return list(points)


def _avance() -> list[Trace]:
    return [_polygone((500, 850), (960, 0), (40, 0))]


def _attendu() -> list[Trace]:
    return [_polygone((80, y), (80, y + 150), (920, y + 150), (920, y)) for y in (180, 480)]


def _retard() -> list[Trace]:
    """Creux : le contour, puis l’intérieur à rebours."""
    return [_polygone((20, 800), (980, 800), (500, -60)), _polygone((240, 670), (500, 200), (760, 670))]


def _non_evaluee() -> list[Trace]:
    return [tiret for rang in range(8) for tiret in _anneau(rang / 8, rang / 8 + 0.075)]


def _sans_attente() -> list[Trace]:
    return [_polygone((250, 350), (250, 450), (750, 450), (750, 350))]


_SIGNES: tuple[Callable[[], list[Trace]], ...] = (_avance, _attendu, _retard, _non_evaluee, _sans_attente)
