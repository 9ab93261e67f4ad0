"""Ce que partagent les lectures d'un programme : identifiant borné, page de lignes, refus."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Path, Schema

from trpm.acces import peut
from trpm.permissions import Action
from trpm.textes import ENTIER_MAX

OperationOuverte = TypeVar("OperationOuverte", bound=Callable[..., Any])
Identifiant = Annotated[int, Path(ge=1, le=ENTIER_MAX)]


class PageVoulue(Schema):
    limit: int = Field(50, ge=1, le=200, description="Combien de lignes.")
    offset: int = Field(0, ge=0, le=1_000_000, description="Combien en sauter.")


class FauteRendue(Schema):
    """Où, dans la demande, et de quel genre ; jamais la valeur reçue."""

    ou: str
    genre: str


class RefusRendu(Schema):
    """Pourquoi rien n'a été rendu."""

    faute: str
    fautes: list[FauteRendue] = []


REFUS = dict.fromkeys((400, 401, 403, 404, 415, 422), RefusRendu)
"""Ce que toute opération peut répondre d'autre que ce qu'elle dit."""


def decoupe(lignes: QuerySet[Any], voulue: PageVoulue) -> dict[str, Any]:
    """Deux requêtes : combien il y en a, et celles de la page."""
    debut = voulue.offset
    return {"total": lignes.count(), "lignes": list(lignes[debut : debut + voulue.limit])}


def exige(*actions: Action) -> Callable[[OperationOuverte], OperationOuverte]:
    """Le contrôle des pages : une opération rend un objet, que ninja écrit, et non une réponse."""

    def decorator(operation: OperationOuverte) -> OperationOuverte:
        @wraps(operation)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not any(peut(request.user, action) for action in actions):
                raise PermissionDenied("Votre rôle ne permet pas cela.")
            return operation(request, *args, **kwargs)

        return cast(OperationOuverte, wrapper)

    return decorator
