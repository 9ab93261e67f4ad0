"""Ce qui entre : un seul endroit où une requête devient écrivable en base, ou est refusée d'une phrase.

Textes composés (NFC) et sans signe interdit, dans l'adresse, ses paramètres, les formulaires, les témoins et
les en-têtes ; nombres d'adresse que la base sait porter ; corps en UTF-8. Ce qui échapperait à ces règles et
qu'une base refuserait (`process_exception`) est un refus, non une panne.
"""

import codecs
import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import DataError
from django.db.models import IntegerField
from django.db.models.lookups import In
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.request import UnreadablePostError

from trpm.garde.erreurs import page_d_erreur
from trpm.textes import ENTIER_MAX, hors_texte, propre

journal = logging.getLogger(__name__)
IMPOSSIBLE = "Une valeur de cette demande est impossible (nombre, date ou texte démesuré)\xa0: corrigez-la."
INTENABLES = (DataError, OverflowError, RecursionError, UnicodeError)


class EntreePropreMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if hors_texte(request.path_info):
            raise Http404
        if request.encoding and codecs.lookup(request.encoding).name not in ("utf-8", "ascii"):
            raise BadRequest("Cette demande n’est pas écrite en UTF-8.")
        for nom, valeur in request.META.items():
            if nom.startswith("HTTP_") and hors_texte(valeur):
                request.META[nom] = propre(valeur)
        if any(hors_texte(valeur) for valeur in request.COOKIES.values()):
            request.COOKIES = {nom: propre(valeur) for nom, valeur in request.COOKIES.items()}
        request.GET = _propres(request.GET)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, vue: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Avant toute lecture du formulaire, le jeton CSRF compris."""
        if any(isinstance(valeur, int) and valeur > ENTIER_MAX for valeur in kwargs.values()):
            raise Http404
        try:
            request.POST = _propres(request.POST)  # type: ignore[assignment]
        except RequestDataTooBig:
            return page_d_erreur(request, 413)
        except UnreadablePostError:
            raise BadRequest("L’envoi s’est interrompu en route\xa0: recommencez.") from None
        return None

    def process_exception(self, request: HttpRequest, faute: Exception) -> HttpResponse | None:
        if not isinstance(faute, INTENABLES):
            return None
        journal.warning("Valeur refusée", exc_info=faute)
        return page_d_erreur(request, 400, IMPOSSIBLE)


def _propres(champs: QueryDict) -> QueryDict:
    """Les mêmes champs, noms compris ; le même objet si rien n'y était à changer."""
    listes = [(propre(nom), [propre(valeur) for valeur in valeurs]) for nom, valeurs in champs.lists()]
    if listes == list(champs.lists()):
        return champs
    nets = QueryDict(mutable=True)
    for nom, valeurs in listes:
        nets.setlist(nom, nets.getlist(nom) + valeurs)
    nets._mutable = False
    return nets


class ParmiLesPossibles(In):
    """`pk__in` laisse de côté les nombres que la base ne saurait porter, comme `pk=` le fait déjà."""

    def get_prep_lookup(self) -> Any:
        valeurs = super().get_prep_lookup()
        if not isinstance(valeurs, list):
            return valeurs
        return [un for un in valeurs if not isinstance(un, int) or -ENTIER_MAX - 1 <= un <= ENTIER_MAX]


def installer() -> None:
    IntegerField.register_lookup(ParmiLesPossibles)
