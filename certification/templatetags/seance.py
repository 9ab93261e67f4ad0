"""Les rangées de l'avancement, pour son gabarit."""

from django import template

from certification.seance.table_html import rangees_d_avancement

register = template.Library()
register.filter(rangees_d_avancement)
