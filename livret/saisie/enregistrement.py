"""Écrire dans la grille : lire la feuille sous verrou, juger chaque geste, écrire, garder l'historique.

Ce qu'il advient d'un geste se décide dans `jugement.py`.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from livret.evaluation.models import (
    Evaluation,
    Fiche,
    Mention,
    Observation,
    Remarque,
)
from livret.personnes.models.compte import Perimetre, Utilisateur
from livret.saisie.case import (
    COMMENTAIRE,
    SUR_COMPETENCE,
    SUR_DETAILLEE,
    Case,
    Presente,
)
from livret.saisie.deduction import deduit
from livret.saisie.feuille import FeuilleDeSaisie, lire_pour
from livret.saisie.jugement import (
    CadreDeSaisie,
    Conflit,
    Ecrit,
    Envoi,
    Geste,
    Inscrit,
    Memoire,
    Recue,
    Refus,
    Verdict,
    juger_tous,
)
from livret.saisie.operation import Operation
from livret.situation.colonnes import COMPETENCE, DETAILLEE
from livret.situation.models.situation import Situation
from referentiel.models import Niveau
from trpm.base.preparees import Preparee, inserer


@dataclass
class CompteRendu:
    """`enregistres` : les gestes qui ont changé une case ; `inchanges` : ceux qu'elle portait déjà.

    `feuille` : la situation telle qu'elle est après ces écritures.
    """

    le: datetime.datetime
    feuille: FeuilleDeSaisie
    enregistres: list[Geste] = field(default_factory=list)
    inchanges: list[Geste] = field(default_factory=list)
    refus: list[Refus] = field(default_factory=list)
    conflits: list[Conflit] = field(default_factory=list)

    @property
    def complet(self) -> bool:
        return not self.refus and not self.conflits

    def ajouter(self, verdict: Verdict) -> None:
        if isinstance(verdict, Refus):
            self.refus.append(verdict)
        elif isinstance(verdict, Conflit):
            self.conflits.append(verdict)
        else:
            (self.enregistres if isinstance(verdict, Ecrit) else self.inchanges).append(verdict.geste)


def enregistrer(situation: Situation, gestes: Iterable[Geste], auteur: Utilisateur) -> CompteRendu:
    """Écrit ce qui peut l'être, dans l'ordre ; dit pourquoi le reste ne l'a pas été."""
    perimetre = Perimetre((situation.classe.etablissement_id,), (), auteur.pk)
    return enregistrer_dans(situation.pk, perimetre, gestes, auteur)


def enregistrer_dans(
    situation: int, perimetre: Perimetre, gestes: Iterable[Geste], auteur: Utilisateur
) -> CompteRendu:
    """De même, la situation étant lue et verrouillée d'un seul geste parmi celles du périmètre.

    `Situation.DoesNotExist` si elle n'y est pas.
    """
    gestes = list(gestes)
    try:
        return _enregistrer(situation, perimetre, gestes, auteur)
    except IntegrityError:
        # Une écriture qui n'est pas passée par ici a créé la même case : on relit, et c'est un conflit.
        return _enregistrer(situation, perimetre, gestes, auteur)


@transaction.atomic
def _enregistrer(pk: int, perimetre: Perimetre, gestes: list[Geste], auteur: Utilisateur) -> CompteRendu:
    situation = next(iter(_verrouillee(pk, *perimetre)), None)
    if situation is None:
        raise Situation.DoesNotExist
    feuille = lire_pour(situation, [un.case for un in gestes], auteur)
    memoire, le = _memoire(situation, gestes, auteur), timezone.now()
    verdicts = juger_tous(gestes, _cadre(feuille, gestes), feuille.presentes, memoire, auteur.nom_complet, le)
    plume, ecrits = _Plume(feuille, auteur, le), [un for un in verdicts if isinstance(un, Ecrit)]
    plume.ecrire_tout(ecrits)
    plume.deduire(ecrits)
    inserer([_operation(envoi, un, situation, auteur, le) for envoi, un in memoire.nouvelles])
    rendu = CompteRendu(le, feuille)
    for verdict in verdicts:
        rendu.ajouter(verdict)
    return rendu


# --- Lire -----------------------------------------------------------------------------------------


@Preparee
def _verrouillee(
    pk: int, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int | None
) -> QuerySet[Situation, Situation]:
    choisie = Situation.objects.filter(pk=pk).dans(Perimetre(entiers, equipes, personne))
    return choisie.verrouillees().select_related("classe__promotion")


@Preparee
def _operations(
    uuids: tuple[UUID, ...], chaines: tuple[UUID, ...], situation: int, auteur: int
) -> QuerySet[Operation, Operation]:
    """Celles qui portent ces identifiants, et celles des mêmes suites de gestes."""
    suites = Q(chaine__in=chaines, situation=situation, auteur=auteur)
    return Operation.objects.filter(Q(pk__in=uuids) | suites).order_by("rang")


def _cadre(feuille: FeuilleDeSaisie, gestes: Iterable[Geste]) -> CadreDeSaisie:
    """L'élève ou le groupe visé ne se lit que s'il faut le nommer."""
    situation = feuille.situation
    fermee = (
        "" if situation.saisissable else situation.get_etat_display().replace("brouillon", "un brouillon")
    )
    a_nommer = not fermee and any(geste.case.eleve not in feuille.eleves for geste in gestes)
    seul = str(situation.eleve or "") if a_nommer else ""
    return CadreDeSaisie(
        tuple(niveau.code for niveau in feuille.niveaux),
        tuple(Mention.values),
        {pk: Inscrit(str(un), un.option_id, un.option.code) for pk, un in feuille.eleves.items()},
        feuille.colonnes,
        fermee,
        seul,
        str(situation.groupe or "") if a_nommer and not seul else "",
    )


def _memoire(situation: Situation, gestes: Iterable[Geste], auteur: Utilisateur) -> Memoire:
    envois = [geste.envoi for geste in gestes if geste.envoi]
    uuids, suites = (tuple({getattr(envoi, nom) for envoi in envois}) for nom in ("uuid", "chaine"))
    recues = _operations(uuids, suites, situation.pk, auteur.pk) if envois else ()
    return Memoire(_recue(une, situation, auteur) for une in recues)


def _recue(operation: Operation, situation: Situation, auteur: Utilisateur) -> Recue:
    refusee = operation.resultat == Operation.Resultat.REFUS
    en_conflit = operation.resultat == Operation.Resultat.CONFLIT
    return Recue(
        Envoi(operation.pk, operation.chaine, operation.rang),
        operation.case,
        operation.texte,
        operation.ecrite,
        operation.motif if refusee else None,
        (operation.actuel, operation.actuel_auteur, operation.actuel_le) if en_conflit else None,
        (operation.situation_id, operation.auteur_id) == (situation.pk, auteur.pk),
    )


# --- Écrire ---------------------------------------------------------------------------------------


def _operation(
    envoi: Envoi, verdict: Verdict, situation: Situation, auteur: Utilisateur, le: datetime.datetime
) -> Operation:
    """Un envoi jugé, tel qu'on le garde."""
    geste = verdict.geste
    operation = Operation(
        uuid=envoi.uuid,
        situation=situation,
        auteur=auteur,
        case=str(geste.case),
        texte=geste.texte,
        vu=geste.vu,
        chaine=envoi.chaine,
        rang=envoi.rang,
        resultat=Operation.Resultat.ENREGISTRE,
        ecrite=isinstance(verdict, Ecrit),
        recue_le=le,
    )
    if isinstance(verdict, Refus):
        operation.resultat, operation.motif = Operation.Resultat.REFUS, verdict.motif
    elif isinstance(verdict, Conflit):
        operation.resultat = Operation.Resultat.CONFLIT
        operation.actuel, operation.actuel_auteur = verdict.actuel, verdict.auteur
        operation.actuel_le = verdict.le
    return operation


@dataclass(frozen=True)
class _Table:
    """Où s'écrit un genre de case, et ce qui y change."""

    modele: Any
    cible: tuple[str, ...]
    contenu: tuple[str, ...]

    def creer(self, saisies: list[Any], auteur: Utilisateur, le: datetime.datetime) -> None:
        if saisies:
            inserer(saisies)
            self._tracer(saisies, auteur, le, "+")

    def changer(self, saisies: list[Any], auteur: Utilisateur, le: datetime.datetime) -> None:
        if saisies:
            champs = [*self.contenu, "auteur", "modifie_le"]
            if self.modele is Remarque:
                # Son unicité dépend de la case qu'elle vise : la base n'y reconnaît pas un conflit.
                self.modele.objects.bulk_update(saisies, champs)
            else:
                inserer(
                    saisies,
                    update_conflicts=True,
                    unique_fields=["situation", "eleve", *self.cible],
                    update_fields=champs,
                )
            self._tracer(saisies, auteur, le, "~")

    def _tracer(self, saisies: list[Any], auteur: Utilisateur, le: datetime.datetime, genre: str) -> None:
        historique = _historique(self.modele)
        suivis = [champ.attname for champ in historique.tracked_fields]
        inserer(
            [
                historique(
                    **{nom: getattr(saisie, nom) for nom in suivis},
                    history_date=le,
                    history_type=genre,
                    history_user=auteur,
                )
                for saisie in saisies
            ]
        )


@cache
def _historique(modele: Any) -> Any:
    """Le modèle de son historique, que simple_history retrouve à grands frais."""
    return modele.history.model


TABLES = {
    DETAILLEE: _Table(Observation, ("detaillee",), ("niveau", "mention")),
    COMPETENCE: _Table(Evaluation, ("competence",), ("niveau", "mention")),
    COMMENTAIRE: _Table(Fiche, (), ("commentaire",)),
    SUR_DETAILLEE: _Table(Remarque, ("detaillee",), ("texte",)),
    SUR_COMPETENCE: _Table(Remarque, ("competence",), ("texte",)),
}


@dataclass(frozen=True)
class _Plume:
    """Qui écrit dans la feuille, et quand ; la feuille suit à mesure."""

    feuille: FeuilleDeSaisie
    auteur: Utilisateur
    le: datetime.datetime

    @cached_property
    def niveaux(self) -> dict[str, Niveau]:
        return {niveau.code: niveau for niveau in self.feuille.niveaux}

    def ecrire_tout(self, ecrits: Iterable[Ecrit]) -> None:
        for voulus in _vagues(ecrits):
            for genre in dict.fromkeys(case.genre for case in voulus):
                leurs = {case: voulu for case, voulu in voulus.items() if case.genre == genre}
                self._ecrire(TABLES[genre], leurs)

    def deduire(self, ecrits: Iterable[Ecrit]) -> None:
        """Le niveau d'une compétence suit ses critères (Q46)."""
        par_critere = {une.pk: groupe for groupe in self.feuille.groupes for une in groupe.criteres}
        touchees = {
            (case.eleve, case.item) for case in (un.geste.case for un in ecrits) if case.genre == DETAILLEE
        }
        voulus: dict[Case, str] = {}
        for eleve, groupe in {(eleve, par_critere[item]) for eleve, item in touchees if item in par_critere}:
            case = Case(COMPETENCE, groupe.competence.pk, eleve)
            option, presente = self.feuille.eleves[eleve].option_id, self.feuille.presentes.get(case)
            voulu = deduit(
                groupe, self.feuille.presentes, eleve, option, [*self.niveaux], tuple(Mention.values)
            )
            if voulu != (presente.texte if presente else ""):
                voulus[case] = voulu
        if voulus:
            self._ecrire(TABLES[COMPETENCE], voulus)

    def _ecrire(self, table: _Table, voulus: dict[Case, str]) -> None:
        """Ce qui change dans une table : un nombre fixe de requêtes, historique compris."""
        presentes = self.feuille.presentes
        otees = [presentes.pop(case).pk for case, voulu in voulus.items() if not voulu]
        for saisie in table.modele.objects.in_bulk(otees).values() if otees else ():
            saisie._history_user = self.auteur
            saisie.delete()
        creees: list[tuple[Case, Any]] = []
        changees: list[tuple[Case, Any]] = []
        for case, voulu in voulus.items():
            if voulu:
                ancienne = presentes.get(case)
                saisie = self._saisie(table, case, ancienne.pk if ancienne else None)
                self._remplir(saisie, voulu)
                (changees if ancienne else creees).append((case, saisie))
        table.creer([saisie for _, saisie in creees], self.auteur, self.le)
        table.changer([saisie for _, saisie in changees], self.auteur, self.le)
        for case, saisie in (*creees, *changees):
            presentes[case] = self._presente(saisie, voulus[case])

    def _saisie(self, table: _Table, case: Case, pk: int | None) -> Any:
        cible = {f"{nom}_id": case.item for nom in table.cible}
        commun = {"situation": self.feuille.situation, "auteur": self.auteur, "modifie_le": self.le}
        return table.modele(pk=pk, eleve_id=case.eleve, **commun, **cible)

    def _remplir(self, saisie: Any, voulu: str) -> None:
        if isinstance(saisie, Fiche):
            saisie.commentaire = voulu
        elif isinstance(saisie, Remarque):
            saisie.texte = voulu
        else:
            saisie.niveau = self.niveaux.get(voulu)
            saisie.mention = "" if saisie.niveau else voulu

    def _presente(self, saisie: Any, voulu: str) -> Presente:
        niveau = None if isinstance(saisie, Fiche | Remarque) else self.niveaux.get(voulu)
        valeur = niveau.valeur if niveau else None
        return Presente(saisie.pk, voulu, saisie.auteur.nom_complet, saisie.modifie_le.isoformat(), valeur)


def _vagues(ecrits: Iterable[Ecrit]) -> list[dict[Case, str]]:
    """Ce qui s'écrit, dans l'ordre, en lots où chaque case n'apparaît qu'une fois."""
    vagues: list[dict[Case, str]] = []
    passages = Counter[Case]()
    for ecrit in ecrits:
        case = ecrit.geste.case
        if passages[case] == len(vagues):
            vagues.append({})
        vagues[passages[case]][case] = ecrit.texte
        passages[case] += 1
    return vagues
