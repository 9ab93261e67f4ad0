"""Les situations d'une classe, lues par un programme."""

import datetime
from typing import Any

from ninja import Query, Router, Schema

from livret.personnes.classes import classe_suivie
from livret.personnes.requete import Requete
from livret.situation.models.situation import Situation
from trpm.base.interface import REFUS, Identifiant, PageVoulue, decoupe, exige
from trpm.permissions import Action

routeur = Router(tags=["Situations"])


class SituationRendue(Schema):
    id: int
    intitule: str
    etat: str
    nature: str
    lieu: str
    debut: datetime.date
    fin: datetime.date
    semestre: int
    competences: list[str]

    @staticmethod
    def resolve_competences(situation: Situation) -> list[str]:
        return [une.code for une in situation.competences.all()]


class SituationsRendues(Schema):
    total: int
    lignes: list[SituationRendue]


@routeur.get("/classes/{int:pk}/situations", response={200: SituationsRendues, **REFUS})
@exige(Action.VOIR_CLASSE)
def situations(request: Requete, pk: Identifiant, page: Query[PageVoulue]) -> dict[str, Any]:
    """De la plus récente à la plus ancienne, brouillons compris."""
    siennes = classe_suivie(request, pk).situations.order_by("-fin", "-pk")
    return decoupe(siennes.prefetch_related("competences"), page)
