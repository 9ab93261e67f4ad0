"""Un niveau et une position se dessinent ici et nulle part ailleurs : forme, code, couleur et libellé."""

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from livret.progression.attendu import Position


def niveau_dessine(degre: Any, detail: str = "", *, long: bool = False) -> SafeString:
    """Un `Degre` du bilan ou un `Niveau` en base ; `None` donne un tiret.

    `detail` complète l’infobulle ; `long` fait suivre le libellé.
    """
    if not degre:
        return _dessin("", "", "", "", False)
    return _dessin(degre.code, degre.libelle, degre.symbole, detail, long)


def position_dessinee(ou: Position, attendu: Any = None, *, court: bool = False) -> SafeString:
    """Une position par rapport à l’échelle : signe, couleur et mot, lisibles sans couleur.

    `attendu` (un niveau) complète l’infobulle ; `court` ne montre que le signe.
    """
    return _signe(ou.code, ou.value, f"{attendu.code} {attendu.libelle}" if attendu else "", court)


@lru_cache(maxsize=1024)
def _dessin(code: str, libelle: str, symbole: str, detail: str, long: bool) -> SafeString:
    """Un même dessin sert des milliers de fois dans une grille : il n’est rendu qu’une."""
    degre = {"code": code, "libelle": libelle, "symbole": symbole}
    contexte = {"degre": degre if code else None, "detail": detail, "long": long}
    return mark_safe(render_to_string("livret/niveaux/_niveau.html", contexte).strip())


@lru_cache(maxsize=256)
def _signe(code: str, mot: str, attendu: str, court: bool) -> SafeString:
    contexte = {
        "code": code,
        "mot": mot,
        "attendu": attendu,
        "infobulle": f"{mot}\N{NO-BREAK SPACE}: attendu {attendu}" if attendu else "",
        "court": court,
    }
    return mark_safe(render_to_string("livret/progression/_position.html", contexte).strip())
