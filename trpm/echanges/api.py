"""L'interface d'un programme : chaque notion écrit ses lectures, ici on ouvre, on refuse et on assemble."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import RawPostDataException
from django.urls import URLPattern
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from livret.classe.api import routeur as classes
from livret.models import Jeton
from livret.saisie.api import routeur as saisie
from livret.situation.api import routeur as situations
from referentiel.echange.api import routeur as referentiels
from trpm.acces import public
from trpm.base.envois import aboutie
from trpm.journal.ecriture import noter

ESPACE = "api-v1"
PROGRAMMES = {Jeton.Usage.LECTURE, Jeton.Usage.SAISIE}
LIRE = {"GET", "HEAD", "OPTIONS"}
Vue = Callable[..., HttpResponseBase]


class Porteur(HttpBearer):
    """Le jeton désigne la personne ; ses rôles d'aujourd'hui disent ce qui s'ouvre. Une session, rien."""

    def authenticate(self, request: HttpRequest, token: str) -> Jeton | None:
        jeton = Jeton.ouvrir(token, PROGRAMMES, timezone.now())
        if jeton is None:
            return None
        if request.method not in LIRE and jeton.usage != Jeton.Usage.SAISIE:
            raise PermissionDenied("Ce jeton ne permet que de lire.")
        request.user = jeton.utilisateur
        timezone.activate(jeton.utilisateur.fuseau)
        return jeton


api = NinjaAPI(
    title="Livret de suivi des compétences",
    version="1",
    description="Lire ce que la personne voit, envoyer des niveaux comme la grille. Un jeton se crée à la "
    "page Jetons et se donne dans l’en-tête Authorization. Les instants sont universels, les jours sont ceux "
    "de l’établissement.",
    docs_url=None,
    urls_namespace=ESPACE,
    auth=Porteur(),
)
for routeur in (classes, situations, saisie, referentiels):
    api.add_router("", routeur)


def _refuse(statut: int, phrase: str) -> Callable[[HttpRequest, Any], HttpResponse]:
    def refuser(request: HttpRequest, faute: Any) -> HttpResponse:
        reponse = api.create_response(request, {"faute": phrase}, status=statut)
        if statut == 401:
            reponse["WWW-Authenticate"] = "Bearer"
        return reponse

    return refuser


api.add_exception_handler(
    AuthenticationError, _refuse(401, "Il faut un jeton qui ouvre encore, dans l’en-tête Authorization.")
)
api.add_exception_handler(Http404, _refuse(404, "Cela n’existe pas, ou n’est pas à vous."))
api.add_exception_handler(RawPostDataException, _refuse(415, "Le corps attendu est du JSON."))


@api.exception_handler(PermissionDenied)
def _interdit(request: HttpRequest, faute: PermissionDenied) -> HttpResponse:
    return api.create_response(request, {"faute": str(faute)}, status=403)


@api.exception_handler(HttpError)
def _fautif(request: HttpRequest, faute: HttpError) -> HttpResponse:
    return api.create_response(request, {"faute": faute.message}, status=faute.status_code)


@api.exception_handler(ValidationError)
def _illisible(request: HttpRequest, faute: ValidationError) -> HttpResponse:
    """Où, et de quoi il s'agit ; jamais ce qui a été envoyé."""
    fautes = [{"ou": ".".join(map(str, une["loc"])), "genre": une["type"]} for une in faute.errors]
    return api.create_response(
        request, {"faute": "Cette demande est mal faite.", "fautes": fautes}, status=422
    )


def _adresses() -> list[URLPattern]:
    """Celles des opérations et de leur description ; publiques, la racine ne montre rien."""
    motifs = [un for un in api.urls[0] if isinstance(un, URLPattern)]
    for un in motifs:
        un.callback = public(_prive(un.callback))
    return motifs


def _prive(vue: Any) -> Vue:
    """Ce qu'un jeton a ouvert ne se garde nulle part, et se note au journal comme une page."""

    @wraps(vue, assigned=("__doc__",))
    def rendre(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        reponse: HttpResponse = vue(request, *args, **kwargs)
        reponse["Cache-Control"] = "private, no-store"
        reponse["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        if request.user.is_authenticated and reponse.status_code < 400:
            noter(request, aboutie(reponse, request.path) if request.method == "POST" else reponse)
        return reponse

    return rendre


urlpatterns = _adresses()
