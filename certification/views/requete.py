from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from livret.models import Utilisateur


class Requete(HttpRequest):
    """La requête telle que les intergiciels la livrent : une personne connectée, les en-têtes d'htmx."""

    user: Utilisateur
    htmx: HtmxDetails
