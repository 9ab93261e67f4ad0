"""Un niveau se dessine ici et nulle part ailleurs : forme, code, couleur et libellé."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("livret/_niveau.html")
def niveau(degre: Any, detail: str = "") -> dict[str, Any]:
    """Dessine un niveau (`Degre` du bilan ou `Niveau` en base) ; `None` donne un tiret.

    `detail` complète l’infobulle, par exemple la situation qui prouve le niveau.
    """
    return {"degre": degre, "detail": detail}


@register.inclusion_tag("livret/_niveau.html")
def niveau_long(degre: Any) -> dict[str, Any]:
    """Le même, suivi de son libellé."""
    return {"degre": degre, "long": True}


@register.inclusion_tag("livret/_legende.html")
def legende(echelle: Any) -> dict[str, Any]:
    """Ligne de légende d’une échelle : objet `Echelle` du bilan, ou suite de niveaux."""
    return {"degres": getattr(echelle, "degres", echelle)}
