"""Le cadre d'une page : bandeau, scripts, pied. Le même pour tous ceux qui tiennent les mêmes rôles.

Ses morceaux se gardent (`{% cache %}`) et ne reçoivent que ce `CadreDePage`, sous le nom de `user` : rien
d'autre ne peut les faire différer. Ce qui est propre à une personne ou à une demande, son nom, ses
compteurs, son jeton, s'écrit entre eux.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.urls import get_script_prefix

register = template.Library()


class CadreDePage(NamedTuple):
    """`rubriques` : celles que l'on lit. `lieu` : ce que l'installation met dans ses pages."""

    is_authenticated: bool
    roles: tuple[str, ...]
    couleur: str
    rubriques: tuple[str, ...]
    lieu: tuple[str, ...]


@register.simple_tag(takes_context=True)
def cadre(context: Any) -> CadreDePage:
    personne, request = context.get("user"), context.get("request")
    connectee = bool(personne and personne.is_authenticated)
    return CadreDePage(
        connectee,
        tuple(sorted(personne.roles)) if connectee else (),
        personne.couleur if connectee else "",
        tuple(_courantes(request)) if connectee and request else (),
        (settings.NOM_DU_PRODUIT, settings.ADRESSE_DU_CODE, get_script_prefix()),
    )


def _courantes(request: Any) -> Iterator[str]:
    """Les rubriques du bandeau où mène la page demandée."""
    trouvee, chemin = request.resolver_match, request.path
    app, nom = (trouvee.app_name, trouvee.url_name or "") if trouvee else ("", "")
    administration = "administration" in chemin
    if app == "livret" and not administration:
        yield "classes"
    if nom == "mon-livret":
        yield "mon-livret"
    if "/famille/" in chemin:
        yield "famille"
    if nom in ("mes-bilans", "bilan"):
        yield "mes-bilans"
    if app == "certification" and "inspection" not in nom and not administration:
        yield "commissions"
    if "inspection" in nom:
        yield "inspection"
    if app == "referentiel":
        yield "referentiel"
    if administration or nom == "logo":
        yield "administration"
