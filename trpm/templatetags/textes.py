"""Chargé d’office : un gabarit n’accorde un nombre que par ce filtre."""

from collections.abc import Mapping, Sized
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString, mark_safe

from trpm import textes
from trpm.comptes import navigateur

register = template.Library()


@register.filter
def pluriel(nombre: Decimal | int | Sized | None, formes: str = "s") -> str:
    """`{{ n }} élève{{ n|pluriel }}`, `{{ n|pluriel:"a,ont" }}` ; une liste compte pour son nombre."""
    compte = len(nombre) if isinstance(nombre, Sized) else nombre or 0
    return textes.pluriel(compte, formes)


@register.filter
def phrase(texte: str) -> SafeString:
    """`{% filter phrase %}…{% endfilter %}` : un point au bout, s'il n'y en a pas déjà (« F.A.O. »)."""
    nu = texte.rstrip()
    return mark_safe(nu if nu.endswith((".", "!", "?", "…")) else f"{nu}.")


@register.filter
def ancre(code: str) -> str:
    return textes.ancre(code)


@register.filter
def parmi(cle: int, noms: Mapping[int, str]) -> str:
    return noms.get(cle, "")


@register.filter
def appareil(agent: str) -> str:
    return navigateur.appareil(agent)
