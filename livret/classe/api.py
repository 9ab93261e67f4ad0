"""Les classes et les meilleurs niveaux de leurs élèves, lus par un programme."""

import datetime
from typing import Any

from ninja import Query, Router, Schema

from livret.personnes.classes import classe_suivie, eleves_presents
from livret.personnes.models.classe import Classe
from livret.personnes.requete import Requete
from livret.synthese.ligne import LigneLivret
from livret.synthese.livrets import Livret, livrets
from trpm.base.interface import REFUS, Identifiant, PageVoulue, decoupe, exige
from trpm.permissions import Action

routeur = Router(tags=["Classes"])


class ClasseRendue(Schema):
    """`annee` : celle de la rentrée. `referentiel` : à lire à /referentiels/{id}."""

    id: int
    nom: str
    niveau: str
    annee: int
    etablissement: str
    promotion: str
    session: int
    option: str
    referentiel: int

    @staticmethod
    def resolve_annee(classe: Classe) -> int:
        return classe.annee.debut

    @staticmethod
    def resolve_etablissement(classe: Classe) -> str:
        return classe.etablissement.uai

    @staticmethod
    def resolve_promotion(classe: Classe) -> str:
        return classe.promotion.nom

    @staticmethod
    def resolve_session(classe: Classe) -> int:
        return classe.promotion.session

    @staticmethod
    def resolve_option(classe: Classe) -> str:
        return classe.promotion.option.code

    @staticmethod
    def resolve_referentiel(classe: Classe) -> int:
        return classe.promotion.referentiel_id


class ClassesRendues(Schema):
    total: int
    lignes: list[ClasseRendue]


class NiveauRendu(Schema):
    """`niveau` et `valeur` : rien tant que rien n'est démontré, ce qui n'est jamais un zéro."""

    competence: str
    niveau: str | None
    valeur: int | None
    date: datetime.date | None
    situation: int | None


class EleveRendu(Schema):
    id: int
    nom: str
    prenom: str
    option: str
    niveaux: list[NiveauRendu]


@routeur.get("/classes", response={200: ClassesRendues, **REFUS})
@exige(Action.VOIR_CLASSE)
def classes(request: Requete, page: Query[PageVoulue]) -> dict[str, Any]:
    """Celles que la personne suit, de la plus récente à la plus ancienne."""
    suivies = Classe.objects.for_user(request.user, Action.VOIR_CLASSE).order_by("-annee__debut", "nom", "pk")
    return decoupe(suivies.select_related("annee", "etablissement", "promotion__option"), page)


@routeur.get("/classes/{int:pk}/eleves", response={200: list[EleveRendu], **REFUS})
@exige(Action.VOIR_CLASSE)
def eleves(request: Requete, pk: Identifiant) -> list[dict[str, Any]]:
    """Les élèves présents, et le meilleur niveau démontré dans chaque compétence : celui de la page de la
    classe. Ni INE, ni date de naissance."""
    return [_eleve(livret) for livret in livrets(eleves_presents(classe_suivie(request, pk)))]


def _eleve(livret: Livret) -> dict[str, Any]:
    eleve = livret.eleve
    return {
        "id": eleve.pk,
        "nom": eleve.nom,
        "prenom": eleve.prenom,
        "option": eleve.option.code,
        "niveaux": [_niveau(ligne) for ligne in livret.lignes],
    }


def _niveau(ligne: LigneLivret) -> dict[str, Any]:
    preuve = ligne.meilleure
    return {
        "competence": ligne.code,
        "niveau": ligne.degre.code if ligne.degre else None,
        "valeur": ligne.valeur,
        "date": preuve.date if preuve else None,
        "situation": preuve.situation_id if preuve else None,
    }
