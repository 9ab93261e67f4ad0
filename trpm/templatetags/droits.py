"""Ce que la personne connectée peut faire, pour n’afficher que des liens qui s’ouvrent."""

from typing import Any

from django import template

from trpm.acces import peut
from trpm.permissions import Action

register = template.Library()


@register.filter(name="peut")
def peut_faire(user: Any, action: str) -> bool:
    """`{% if user|peut:"evaluer" %}` : vrai si l’un de ses rôles accorde l’action."""
    return user.is_authenticated and peut(user, Action(action))
