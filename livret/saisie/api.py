"""La grille d'une situation, lue par un programme, et les niveaux qu'il y envoie : ceux de la page."""

import datetime
import uuid
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from livret.evaluation.models import Mention
from livret.personnes.requete import Requete
from livret.saisie.enregistrement import CompteRendu, enregistrer_dans
from livret.saisie.forms.grille import OPERATIONS_MAX, Courrier, CourrierRefuse, operations_lues
from livret.saisie.grille import CaseSaisie, GrilleDeSaisie, grille, grille_de
from livret.saisie.jugement import Conflit
from livret.saisie.reponse import sorts
from livret.situation.colonnes import ColonneVisee
from livret.situation.models.situation import Situation
from trpm.base.interface import REFUS, Identifiant, exige
from trpm.permissions import Action

routeur = Router(tags=["Situations"])


class ColonneRendue(Schema):
    """`cle`, suivie d'un tiret et de l'élève, est l'adresse d'une case : « c3-45 »."""

    cle: str
    code: str
    intitule: str


class CaseRendue(Schema):
    case: str
    texte: str


class LigneRendue(Schema):
    eleve: int
    nom: str
    cases: list[CaseRendue]


class GrilleRendue(Schema):
    """`codes` : ce qu'une case accepte, niveaux puis mentions. Une case vide porte un texte vide."""

    situation: int
    etat: str
    saisissable: bool
    codes: list[str]
    colonnes: list[ColonneRendue]
    lignes: list[LigneRendue]


class OperationEnvoyee(Schema):
    """Une case changée. `id`, tiré par le programme, la rend rejouable ; `vu` est ce qu'il y avait lu : si la
    case porte autre chose, rien n'est écrit et le conflit est rendu. `chaine` réunit les changements d'une
    même case faits à la suite, que `rang` range."""

    id: uuid.UUID
    case: str = Field(max_length=50)
    texte: str = Field(max_length=10_000)
    vu: str = Field("", max_length=10_000)
    chaine: uuid.UUID | None = None
    rang: int = Field(0, ge=0, lt=2**31)


class OperationsEnvoyees(Schema):
    operations: list[OperationEnvoyee] = Field(min_length=1, max_length=OPERATIONS_MAX)


class ResultatRendu(Schema):
    """`resultat` : enregistre, refus (et son motif) ou conflit (ce que porte la case, par qui, quand)."""

    id: uuid.UUID
    case: str
    valeur: str
    resultat: str
    motif: str = ""
    actuel: str = ""
    auteur: str = ""
    le: datetime.datetime | None = None


class ResultatsRendus(Schema):
    resultats: list[ResultatRendu]


@routeur.get("/situations/{int:pk}/grille", response={200: GrilleRendue, **REFUS})
@exige(Action.VOIR_CLASSE)
def lire_la_grille(request: Requete, pk: Identifiant) -> dict[str, Any]:
    """Ses colonnes, ses élèves, et ce que porte chaque case."""
    siennes = Situation.objects.for_user(request.user, Action.VOIR_CLASSE)
    situation = get_object_or_404(siennes.select_related("classe__promotion", "groupe", "eleve"), pk=pk)
    objet = grille(situation)
    return {
        "situation": situation.pk,
        "etat": situation.etat,
        "saisissable": situation.saisissable,
        "codes": [*objet.echelle.codes, *Mention.values],
        "colonnes": [_colonne(une) for une in objet.colonnes],
        "lignes": [
            {"eleve": une.eleve.pk, "nom": str(une.eleve), "cases": _cases(une.cases)} for une in objet.lignes
        ],
    }


def _colonne(une: ColonneVisee) -> dict[str, str]:
    return {"cle": une.cle, "code": une.code, "intitule": une.intitule}


def _cases(cases: tuple[CaseSaisie, ...]) -> list[dict[str, str]]:
    return [{"case": une.cle, "texte": une.texte} for une in cases if une.concernee]


@routeur.post("/situations/{int:pk}/operations", response={200: ResultatsRendus, **REFUS})
@exige(Action.EVALUER)
def envoyer(request: Requete, pk: Identifiant, envoi: OperationsEnvoyees) -> dict[str, Any]:
    """Des niveaux, dans l'ordre, comme la grille les envoie : reçus deux fois, écrits une seule.

    Une opération refusée ou en conflit n'arrête pas les autres."""
    try:
        courrier = Courrier(operations_lues(envoi.model_dump(mode="json")["operations"]))
        rendu = enregistrer_dans(pk, request.user.perimetre(Action.EVALUER), courrier.gestes, request.user)
    except CourrierRefuse as refus:
        raise HttpError(refus.statut, str(refus)) from None
    except Situation.DoesNotExist:
        raise Http404 from None
    return {"resultats": _resultats(grille_de(rendu.feuille), courrier, rendu)}


def _resultats(objet: GrilleDeSaisie, courrier: Courrier, rendu: CompteRendu) -> list[dict[str, Any]]:
    lignes = []
    for commun, sort in sorts(objet, courrier, rendu):
        if isinstance(sort, Conflit):
            commun |= {"actuel": sort.actuel, "auteur": sort.auteur, "le": sort.le}
        lignes.append(commun)
    return lignes
