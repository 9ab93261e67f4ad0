"""Un niveau se dessine ici et nulle part ailleurs : forme, code, couleur et libellé."""

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from livret.progression.attendu import Position

register = template.Library()


@lru_cache(maxsize=1024)
def _dessin(code: str, libelle: str, symbole: str, detail: str, long: bool) -> str:
    """Un même dessin sert des milliers de fois dans une grille : il n’est rendu qu’une."""
    degre = {"code": code, "libelle": libelle, "symbole": symbole}
    contexte = {"degre": degre if code else None, "detail": detail, "long": long}
    return mark_safe(render_to_string("livret/niveaux/_niveau.html", contexte).strip())


def _dessine(degre: Any, detail: str = "", *, long: bool = False) -> str:
    if not degre:
        return _dessin("", "", "", "", False)
    return _dessin(degre.code, degre.libelle, degre.symbole, detail, long)


@register.simple_tag
def niveau(degre: Any, detail: str = "") -> str:
    """Dessine un niveau (`Degre` du bilan ou `Niveau` en base) ; `None` donne un tiret.

    `detail` complète l’infobulle, par exemple la situation qui prouve le niveau.
    """
    return _dessine(degre, detail)


@register.simple_tag
def niveau_long(degre: Any) -> str:
    """Le même, suivi de son libellé."""
    return _dessine(degre, long=True)


@register.inclusion_tag("livret/niveaux/_legende.html")
def legende(echelle: Any) -> dict[str, Any]:
    """Ligne de légende d’une échelle : objet `Echelle` du bilan, ou suite de niveaux."""
    return {"degres": getattr(echelle, "degres", echelle)}


@lru_cache(maxsize=256)
def _signe(code: str, mot: str, attendu: str, court: bool) -> str:
    contexte = {
        "code": code,
        "mot": mot,
        "attendu": attendu,
        "infobulle": f"{mot}\N{NO-BREAK SPACE}: attendu {attendu}" if attendu else "",
        "court": court,
    }
    return mark_safe(render_to_string("livret/progression/_position.html", contexte).strip())


@register.simple_tag
def position(ou: Position, attendu: Any = None, *, court: bool = False) -> str:
    """Dessine une position par rapport à l’échelle : signe, couleur et mot, lisibles sans couleur.

    `attendu` (un niveau) complète l’infobulle ; `court` ne montre que le signe.
    """
    return _signe(ou.code, ou.value, f"{attendu.code} {attendu.libelle}" if attendu else "", court)


@register.inclusion_tag("livret/progression/_legende_positions.html")
def legende_positions(semestre: str = "") -> dict[str, Any]:
    """Ligne de légende des positions, avec le nom du semestre auquel on compare."""
    return {"positions": list(Position), "semestre": semestre}
