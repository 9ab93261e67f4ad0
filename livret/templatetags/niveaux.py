"""Les dessins des niveaux et des positions, pour les gabarits."""

from typing import Any

from django import template

from livret.progression.attendu import Position
from livret.progression.dessin import niveau_dessine, position_dessinee

register = template.Library()


@register.simple_tag
def niveau(degre: Any, detail: str = "") -> str:
    """Dessine un niveau (`Degre` du bilan ou `Niveau` en base) ; `None` donne un tiret.

    `detail` complète l’infobulle, par exemple la situation qui prouve le niveau.
    """
    return niveau_dessine(degre, detail)


@register.simple_tag
def niveau_long(degre: Any) -> str:
    """Le même, suivi de son libellé."""
    return niveau_dessine(degre, long=True)


@register.inclusion_tag("livret/niveaux/_legende.html")
def legende(echelle: Any) -> dict[str, Any]:
    """Ligne de légende d’une échelle : objet `Echelle` du bilan, ou suite de niveaux."""
    return {"degres": getattr(echelle, "degres", echelle)}


@register.simple_tag
def position(ou: Position, attendu: Any = None, *, court: bool = False) -> str:
    """Dessine une position par rapport à l’échelle : signe, couleur et mot, lisibles sans couleur.

    `attendu` (un niveau) complète l’infobulle ; `court` ne montre que le signe.
    """
    return position_dessinee(ou, attendu, court=court)


@register.inclusion_tag("livret/progression/_legende_positions.html")
def legende_positions(semestre: str = "") -> dict[str, Any]:
    """Ligne de légende des positions, avec le nom du semestre auquel on compare."""
    return {"positions": list(Position), "semestre": semestre}
