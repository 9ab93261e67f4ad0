from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from livret.personnes.models import Utilisateur


class Requete(HttpRequest):
    """Requête d'une personne connectée : l'intergiciel a déjà renvoyé les autres à la connexion."""

    user: Utilisateur
    htmx: HtmxDetails
