"""Ce que tout formulaire envoyé porte, écrit par `{% csrf_token %}` et par lui seul.

Le jeton CSRF ; le numéro de l'envoi, pour qu'un même envoi ne soit fait qu'une fois ; et, quand la page a un
formulaire nommé `form` qui change une ligne, l'état de cette ligne tel qu'elle le montre.
"""

import secrets
from typing import Any

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trpm.base.envois import CHAMP

register = template.Library()


class JetonsNode(CsrfTokenNode):
    def render(self, context: Any) -> SafeString:
        jeton = super().render(context)
        if not jeton:
            return SafeString("")
        numero = format_html('<input type="hidden" name="{}" value="{}">', CHAMP, secrets.token_urlsafe(12))
        return SafeString(jeton + numero + getattr(context.get("form"), "etat_vu_cache", ""))


@register.tag
def csrf_token(parser: Any, token: Any) -> JetonsNode:
    return JetonsNode()
