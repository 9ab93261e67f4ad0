"""Ce que plusieurs vues d'une situation partagent : lesquelles on voit, ce qui y change, sa page."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render

from livret.passages import Passage
from livret.personnes.classes import peut_evaluer
from livret.personnes.models.classe import Classe, ClasseQuerySet
from livret.personnes.models.compte import Perimetre
from livret.personnes.requete import Requete
from livret.situation.forms.piece import PieceForm
from livret.situation.forms.retenue import RetenueForm
from livret.situation.models.situation import Situation, SituationQuerySet
from livret.situation.tournee import tournee
from livret.situation.visees import groupes_vises
from trpm.base.preparees import Preparee
from trpm.permissions import Action

E = Situation.Etat

PASSAGES = {
    (E.BROUILLON, E.OUVERTE): Passage(
        E.OUVERTE, "Ouvrir la saisie", "L’équipe pourra évaluer ; les élèves ne voient encore rien.", True
    ),
    (E.OUVERTE, E.PUBLIEE): Passage(
        E.PUBLIEE, "Publier la situation", "Les élèves verront leurs niveaux et leurs commentaires.", True
    ),
    (E.OUVERTE, E.BROUILLON): Passage(
        E.BROUILLON,
        "Revenir au brouillon",
        "On ne pourra plus y évaluer. Possible tant que rien n’est saisi.",
    ),
    (E.PUBLIEE, E.CLOSE): Passage(
        E.CLOSE, "Clore la situation", "Plus personne ne pourra en modifier les niveaux.", True
    ),
    (E.PUBLIEE, E.OUVERTE): Passage(
        E.OUVERTE, "Dépublier", "Les élèves ne verront plus ces niveaux ; la saisie reste ouverte."
    ),
    (E.CLOSE, E.PUBLIEE): Passage(E.PUBLIEE, "Rouvrir la saisie", "Les niveaux pourront de nouveau changer."),
}
DEVENUE = {
    E.BROUILLON: "La situation redevient un brouillon.",
    E.OUVERTE: "La saisie est ouverte\xa0; les élèves ne voient rien.",
    E.PUBLIEE: "La situation est publiée.",
    E.CLOSE: "La situation est close\xa0: ses niveaux ne changent plus.",
}
CLOSE = "Cette situation est close : rouvrez la saisie avant de la modifier."


def situations(request: Requete, action: Action) -> SituationQuerySet:
    return _completes(request.user.perimetre(action))


def situation_ou_404(request: Requete, action: Action, pk: int) -> Situation:
    """L'une d'elles."""
    for situation in _choisie(pk, *request.user.perimetre(action)):
        return situation
    raise Http404("Aucune situation ne répond à cette adresse.")


def _completes(perimetre: Perimetre) -> SituationQuerySet:
    return Situation.objects.dans(perimetre).select_related(
        "classe__annee",
        "classe__promotion__option",
        "classe__promotion__referentiel",
        "classe__etablissement",
        "auteur",
        "groupe",
        "eleve",
    )


@Preparee
def _choisie(
    pk: int, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int | None
) -> QuerySet[Situation, Situation]:
    return _completes(Perimetre(entiers, equipes, personne)).filter(pk=pk)


def passages(situation: Situation) -> list[Passage]:
    return [PASSAGES[Situation.Etat(situation.etat), Situation.Etat(suite)] for suite in situation.suites()]


def destinations(request: Requete, referentiel: int) -> ClasseQuerySet:
    """Classes où la personne peut créer une situation sur cette version du référentiel."""
    evaluees = Classe.objects.for_user(request.user, Action.EVALUER)
    return evaluees.filter(promotion__referentiel=referentiel).select_related(
        "annee", "promotion__option", "etablissement"
    )


def page_situation(
    request: Requete,
    objet: Situation,
    *,
    retenue_form: RetenueForm | None = None,
    piece_form: PieceForm | None = None,
) -> HttpResponse:
    evaluateur = peut_evaluer(request.user, objet.classe)
    eleves, groupes = objet.eleves(), groupes_vises(objet)
    contexte = {
        "situation": objet,
        "classe": objet.classe,
        "groupes": groupes,
        "effectif": (effectif := eleves.count()),
        "attendues": effectif * len(groupes),
        "remplies": objet.evaluations.filter(eleve__in=eleves.values("pk")).count(),
        "taches": objet.taches.select_related("activite"),
        "tournee": tournee(objet),
        "retenue": objet.est_retenue(*objet.classe.promotion.comptent),
        "retenue_form": retenue_form or RetenueForm(situation=objet),
        "pieces": objet.pieces.select_related("auteur"),
        "piece_form": piece_form or PieceForm(situation=objet, auteur=request.user),
        "etapes": objet.etapes(),
        "evaluateur": evaluateur,
        "modifiable": evaluateur and objet.etat != E.CLOSE,
        "passages": [
            passage for passage in passages(objet) if passage.etat != E.BROUILLON or not objet.porte()
        ],
    }
    return render(request, "livret/situation/situation.html", contexte)
