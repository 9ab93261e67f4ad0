"""Jours et semaines, à la française."""

from decimal import Decimal

from django import template

from livret.pfmp.semaines import decimales

register = template.Library()


@register.filter(name="decimales")
def en_decimales(nombre: Decimal) -> str:
    """`{{ jours|decimales }}` : « 12,4 », « 3 »."""
    return decimales(nombre)
