"""Les parties d'un livret qui s'écrivent d'un trait."""

from django import template

from livret.eleve import livret_html

register = template.Library()

for partie in (
    livret_html.preuve,
    livret_html.demonstrations,
    livret_html.etapes,
    livret_html.rangees,
    livret_html.positionnements,
    livret_html.deja,
):
    register.simple_tag(partie)
