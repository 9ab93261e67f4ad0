"""Les référentiels, lus par un programme. Le format CASE, public, est à /ims/case/v1p1/."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.models import Referentiel
from trpm.base.interface import REFUS, Identifiant, PageVoulue, decoupe, exige
from trpm.permissions import Action

routeur = Router(tags=["Référentiels"])


class ReferentielRendu(Schema):
    id: int
    code: str
    version: str
    intitule: str


class ReferentielsRendus(Schema):
    total: int
    lignes: list[ReferentielRendu]


@routeur.get("/referentiels", response={200: ReferentielsRendus, **REFUS})
@exige(Action.CONSULTER_REFERENTIEL)
def referentiels(request: HttpRequest, page: Query[PageVoulue]) -> dict[str, Any]:
    """Les diplômes suivis ici, une version par ligne."""
    return decoupe(Referentiel.objects.order_by("code", "version", "pk"), page)


@routeur.get("/referentiels/{int:pk}", response={200: dict[str, Any], **REFUS})
@exige(Action.CONSULTER_REFERENTIEL)
def referentiel(request: HttpRequest, pk: Identifiant) -> HttpResponse:
    """Tout un référentiel, dans le format de docs/format-referentiel.md : celui que l'import accepte."""
    texte = ContenuReferentiel(get_object_or_404(Referentiel, pk=pk)).texte()
    return HttpResponse(texte, content_type="application/json")
