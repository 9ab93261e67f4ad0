"""Ce que les pages d'un élève et son PDF partagent."""

import datetime
from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.utils import timezone

from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.avant import partager
from livret.eleve.echeance import semaines_restantes
from livret.eleve.suivi import suivi
from livret.evaluation.trace import Trace
from livret.personnes.borne import borne_de_lecture
from livret.personnes.candidats import dossiers_devant
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve, EleveQuerySet, Scolarite
from livret.personnes.requete import Requete
from livret.pfmp.suivi import semaines_par_eleve
from livret.synthese.livrets import SituationVecue, passages
from trpm.garde.heure import a_l_heure_de
from trpm.permissions import Action
from trpm.voisins import Voisins, voisins

LIES = ("promotion__referentiel", "option", "statut", "etablissement")


def eleves_lus(request: Requete, action: Action = Action.VOIR_LIVRET) -> EleveQuerySet:
    return Eleve.objects.for_user(request.user, action).select_related(*LIES)


def eleves_lus_jadis(request: Requete) -> EleveQuerySet:
    """Avec ceux d'une classe passée : seules les pages qui se bornent à ce temps-là les ouvrent."""
    return Eleve.objects.lus_aussi_jadis(request.user, Action.VOIR_LIVRET).select_related(*LIES)


def contexte_eleve(user: Utilisateur, candidat: Eleve, equipe: bool | None = None) -> dict[str, Any]:
    """Ce que toutes les pages d'un élève partagent. L'équipe et la commission lisent ce qui compte ; les
    autres, rien qui ne soit publié (Q36) ; un ancien enseignant, ce qui l'était de son temps, `jusqu_au`.
    `dossiers` : ceux que la commission a devant elle."""
    a_l_heure_de(candidat.etablissement)
    lui, dossiers, jusqu_au = candidat.utilisateur_id == user.pk, [], None
    if equipe is None:
        equipe = Eleve.objects.for_user(user, Action.VOIR_CLASSE).filter(pk=candidat.pk).exists()
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
        "evaluateur": equipe and _evaluable(user, candidat, classe),
        "voisins": _voisins(user, candidat, classe) if equipe else None,
    }


def _referentiel_du_passage(passage: tuple[SituationVecue, Any]) -> int:
    return passage[0].situation.classe.promotion.referentiel_id


def _passages(user: Utilisateur, contexte: dict[str, Any]) -> list[SituationVecue]:
    """Un ancien enseignant n'a plus que les preuves de ses propres situations."""
    borne, candidat = contexte["jusqu_au"], contexte["eleve"]
    vecues = passages(candidat, visibles_seulement=not contexte["entier"], jusqu_au=borne)
    if borne is None:
        return vecues
    lisibles = set(Trace.objects.for_user(user, Action.VOIR_LIVRET).filter(eleve=candidat))
    return [replace(une, traces=tuple(un for un in une.traces if un in lisibles)) for une in vecues]


def _fermees(user: Utilisateur, passages: list[SituationVecue]) -> frozenset[int]:
    """Les situations dont la page ne lui est pas ouverte : d'une autre équipe, ou d'un autre établissement.
    Une requête si l'élève en a vécu dans plusieurs classes."""
    classes = {un.situation.classe for un in passages}
    ouvertes = {une for une in classes if not une.origine}
    if len(classes) > 1:
        ouvertes = set(
            Classe.objects.for_user(user, Action.VOIR_CLASSE).filter(pk__in=[c.pk for c in classes])
        )
    return frozenset(un.situation.pk for un in passages if un.situation.classe not in ouvertes)


def _avec_l_eleve(
    candidat: Eleve, passages: list[SituationVecue], jour: datetime.date
) -> list[tuple[SituationVecue, list[AutoEvaluation]]]:
    """Chaque situation, et ce que l'élève y pense de lui-même. Une requête."""
    siennes: dict[int | None, list[AutoEvaluation]] = defaultdict(list)
    situations = [passage.situation.pk for passage in passages]
    dites = AutoEvaluation.objects.filter(eleve=candidat, situation__in=situations, date__lte=jour)
    for une in dites.select_related("competence", "niveau"):
        siennes[une.situation_id].append(une)
    return [(passage, siennes[passage.situation.pk]) for passage in passages]


def _evaluable(user: Utilisateur, candidat: Eleve, classe: Classe | None) -> bool:
    """La personne évalue cette classe, et l'élève y est encore."""
    presents = Scolarite.objects.for_user(user, Action.EVALUER).ouvertes()
    return presents.filter(eleve=candidat, classe=classe).exists()


def _voisins(user: Utilisateur, candidat: Eleve, classe: Classe | None) -> Voisins[Eleve]:
    """Élève précédent et suivant dans l'ordre de la classe."""
    if classe is None:
        return Voisins()
    visibles = Eleve.objects.for_user(user, Action.VOIR_CLASSE)
    return voisins(list(visibles.presents(classe).distinct()), candidat)
