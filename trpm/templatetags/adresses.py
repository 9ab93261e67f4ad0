"""`{% url %}`, qui garde ce qu'il a trouvé : une page écrit des dizaines d'adresses, toujours les mêmes, et
chercher l'une d'elles coûte à Django plus que toute la ligne où elle s'écrit.

Une adresse ne dépend que de la table des adresses, du préfixe du site, du nom et des clés.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as url_de_django
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

register = template.Library()


def adresse(nom: str, *cles: int | str) -> str:
    """`reverse(nom, args=cles)`, gardé."""
    return _gardee(get_script_prefix(), get_urlconf(), nom, *cles)


class AdresseNode(URLNode):
    def render(self, context: Any) -> SafeString:
        nom, cles = self.view_name.resolve(context), [une.resolve(context) for une in self.args]
        if self.kwargs or self.asvar or not context.autoescape or {*map(type, cles)} - {int, str}:
            return SafeString(super().render(context))
        return _echappee(get_script_prefix(), get_urlconf(), nom, *cles)


@register.tag
def url(parser: Any, token: Any) -> AdresseNode:
    lue = url_de_django(parser, token)
    return AdresseNode(lue.view_name, lue.args, lue.kwargs, lue.asvar)


@lru_cache(maxsize=8192, typed=True)
def _gardee(prefixe: str, table: str | None, nom: str, *cles: int | str) -> str:
    return reverse(nom, urlconf=table, args=cles)


@lru_cache(maxsize=8192, typed=True)
def _echappee(prefixe: str, table: str | None, nom: str, *cles: int | str) -> SafeString:
    return escape(_gardee(prefixe, table, nom, *cles))
