from django.http import HttpRequest, QueryDict
from django_htmx.middleware import HtmxDetails

from livret.personnes.models.compte import Utilisateur


class Requete(HttpRequest):
    """Requête d'une personne connectée : l'intergiciel a déjà renvoyé les autres à la connexion."""

    user: Utilisateur
    htmx: HtmxDetails


def saisie(request: Requete) -> QueryDict | None:
    """Ce qui a été envoyé ; un envoi vide reste un envoi, dont on dit les fautes."""
    return request.POST if request.method == "POST" else None
