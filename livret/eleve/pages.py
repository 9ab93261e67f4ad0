"""Ce que les pages d'un élève et son PDF partagent."""

import datetime
from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.avant import partager
from livret.eleve.echeance import semaines_restantes
from livret.eleve.suivi import SuiviEleve, suivi
from livret.evaluation.trace import Trace
from livret.personnes.borne import borne_de_lecture
from livret.personnes.candidats import dossiers_devant
from livret.personnes.classes import peut_evaluer, suit
from livret.personnes.homonymes import distinguer
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Perimetre, Portee, Utilisateur
from livret.personnes.models.eleve import Eleve, cles_de_lecture
from livret.personnes.requete import Requete
from livret.pfmp.suivi import semaines_par_eleve
from livret.synthese.livrets import SituationVecue, passages
from trpm.base.preparees import Petit, Preparee
from trpm.garde.heure import a_l_heure_de
from trpm.permissions import Action
from trpm.voisins import Voisins, voisins

LIES = ("promotion__referentiel", "option", "statut", "etablissement")


def eleve_lu(request: Requete, pk: int, action: Action = Action.VOIR_LIVRET) -> Eleve:
    return _seul(_lu(pk, *cles_de_lecture(request.user, action)))


def eleve_lu_jadis(request: Requete, pk: int) -> Eleve:
    """Fût-il d'une classe passée : seules les pages qui se bornent à ce temps-là l'ouvrent."""
    return _seul(_lu_jadis(pk, request.user.portee(Action.VOIR_LIVRET)))


def lui_meme(request: Requete) -> Eleve:
    """L'élève dont c'est le compte."""
    return _seul(_du_compte(request.user.pk, *cles_de_lecture(request.user, Action.VOIR_LIVRET)))


def _seul(trouves: list[Eleve]) -> Eleve:
    for candidat in trouves:
        return candidat
    raise Http404("Aucun élève ne répond à cette adresse.")


@Preparee
def _lu(pk: int, annee: Petit | None, portee: Portee) -> QuerySet[Eleve, Eleve]:
    return Eleve.objects.lus(annee, portee).filter(pk=pk).select_related(*LIES).order_by()


@Preparee
def _lu_jadis(pk: int, portee: Portee) -> QuerySet[Eleve, Eleve]:
    return Eleve.objects.lus_jadis(portee).filter(pk=pk).select_related(*LIES).order_by()


@Preparee
def _du_compte(compte: int, annee: Petit | None, portee: Portee) -> QuerySet[Eleve, Eleve]:
    lus = Eleve.objects.lus(annee, portee).filter(utilisateur=compte)
    return lus.select_related(*LIES).order_by()


def contexte_eleve(user: Utilisateur, candidat: Eleve, equipe: bool | None = None) -> dict[str, Any]:
    """Ce que toutes les pages d'un élève partagent. L'équipe et la commission lisent ce qui compte ; les
    autres, rien qui ne soit publié (Q36) ; un ancien enseignant, ce qui l'était de son temps, `jusqu_au`.
    `dossiers` : ceux que la commission a devant elle."""
    a_l_heure_de(candidat.etablissement)
    lui, dossiers, jusqu_au = candidat.utilisateur_id == user.pk, [], None
    if equipe is None:
        equipe = suit(user, candidat.pk)
        if not lui and user.siege(Action.VOIR_LIVRET):
            dossiers = dossiers_devant(candidat, user, Action.VOIR_LIVRET)
        jusqu_au = borne_de_lecture(user, candidat, entier=equipe or bool(dossiers))
    entier, jour = equipe or bool(dossiers), jusqu_au or timezone.localdate()
    tenu = suivi(candidat, jour, visibles_seulement=not entier, jusqu_au=jusqu_au)
    return {
        "eleve": tenu.eleve,
        "equipe": equipe,
        "entier": entier,
        "dossiers": dossiers,
        "lui": lui,
        "jour": jour,
        "jusqu_au": jusqu_au,
        "suivi": tenu,
        "classe": tenu.classe,
        "livret": tenu.livret,
        "restantes": semaines_restantes(candidat, timezone.localdate()),
    }


def contexte_livret(user: Utilisateur, candidat: Eleve, equipe: bool | None = None) -> dict[str, Any]:
    """La page et le PDF montrent le même objet."""
    contexte = contexte_eleve(user, candidat, equipe)
    equipe, classe = contexte["equipe"], contexte["classe"]
    siens = _passages(user, contexte)
    vecues = _avec_l_eleve(candidat, siens, contexte["jour"])
    d_ici, d_avant = partager(vecues, contexte["suivi"].avant, _referentiel_du_passage)
    return contexte | {
        "passages": d_ici,
        "passages_avant": d_avant,
        "fermees": _fermees(user, siens) if equipe else frozenset(),
        "semaines": semaines_par_eleve([candidat], contexte["jour"])[candidat.pk],
        "evaluateur": equipe and _evaluable(user, contexte["suivi"]),
        "voisins": _voisins(user, candidat, classe) if equipe else None,
    }


def _referentiel_du_passage(passage: tuple[SituationVecue, Any]) -> int:
    return passage[0].situation.classe.promotion.referentiel_id


def _passages(user: Utilisateur, contexte: dict[str, Any]) -> list[SituationVecue]:
    """Un ancien enseignant n'a plus que les preuves de ses propres situations."""
    borne, candidat = contexte["jusqu_au"], contexte["eleve"]
    connus = [un.referentiel for un in contexte["suivi"].avant]
    vecues = passages(candidat, visibles_seulement=not contexte["entier"], jusqu_au=borne, connus=connus)
    if borne is None:
        return vecues
    lisibles = set(Trace.objects.for_user(user, Action.VOIR_LIVRET).filter(eleve=candidat))
    return [replace(une, traces=tuple(un for un in une.traces if un in lisibles)) for une in vecues]


def _fermees(user: Utilisateur, passages: list[SituationVecue]) -> frozenset[int]:
    """Les situations dont la page ne lui est pas ouverte : d'une autre équipe, ou d'un autre établissement.
    Une requête si l'élève en a vécu dans plusieurs classes."""
    classes = {un.situation.classe_id: un.situation.classe for un in passages}
    ouvertes = {une.pk for une in classes.values() if not une.origine}
    if len(classes) > 1:
        ouvertes = set(_ouvertes(tuple(sorted(classes)), user.perimetre(Action.VOIR_CLASSE)))
    return frozenset(un.situation.pk for un in passages if un.situation.classe_id not in ouvertes)


@Preparee
def _ouvertes(classes: tuple[int, ...], perimetre: Perimetre) -> QuerySet[Classe, int]:
    return Classe.objects.dans(*perimetre).filter(pk__in=classes).order_by().values_list("pk", flat=True)


def _avec_l_eleve(
    candidat: Eleve, passages: list[SituationVecue], jour: datetime.date
) -> list[tuple[SituationVecue, list[AutoEvaluation]]]:
    """Chaque situation, et ce que l'élève y pense de lui-même. Une requête."""
    siennes: dict[int | None, list[AutoEvaluation]] = defaultdict(list)
    for une in _dites(candidat.pk, jour):
        siennes[une.situation_id].append(une)
    return [(passage, siennes[passage.situation.pk]) for passage in passages]


@Preparee
def _dites(eleve: int, jour: datetime.date) -> QuerySet[AutoEvaluation, AutoEvaluation]:
    siennes = AutoEvaluation.objects.filter(eleve=eleve, situation__isnull=False, date__lte=jour)
    return siennes.select_related("competence", "niveau")


def _evaluable(user: Utilisateur, tenu: SuiviEleve) -> bool:
    """La personne évalue sa classe, et l'élève y est encore."""
    encore = any(une.classe == tenu.classe and une.sortie is None for une in tenu.parcours)
    return encore and tenu.classe is not None and peut_evaluer(user, tenu.classe)


def _voisins(user: Utilisateur, candidat: Eleve, classe: Classe | None) -> Voisins[Eleve]:
    """Élève précédent et suivant dans l'ordre de la classe."""
    if classe is None:
        return Voisins()
    suivis = _presents(classe.pk, *cles_de_lecture(user, Action.VOIR_CLASSE))
    distinguer(suivis)
    return voisins(suivis, candidat)


@Preparee
def _presents(classe: int, annee: Petit | None, portee: Portee) -> QuerySet[Eleve, Eleve]:
    return Eleve.objects.lus(annee, portee).presents(classe)
