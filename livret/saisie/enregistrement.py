"""Écrire dans la grille : vérifier chaque geste, ne rien écraser en silence, garder l'historique.

Chaque geste porte ce que la personne voyait dans la case. Si la case a changé entre-temps, rien
n'est écrit : c'est un conflit, qui dit qui a écrit quoi et quand, et la personne choisit.

Un geste venu d'un appareil porte l'identifiant que celui-ci lui a donné : reçu deux fois, il n'est
écrit qu'une fois et reçoit la même réponse ; reçu en retard, il ne défait pas le geste qui l'a suivi.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
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
from livret.niveaux import code_saisi
from livret.personnes.models.compte import Perimetre, Utilisateur
from livret.saisie.feuille import (
    COMMENTAIRE,
    SUR_COMPETENCE,
    SUR_DETAILLEE,
    Case,
    Feuille,
    Presente,
    lire_pour,
)
from livret.saisie.operation import Operation
from livret.situation.models.situation import Situation
from livret.situation.visees import COMPETENCE, DETAILLEE
from referentiel.models import Niveau
from trpm.preparees import Preparee, inserer
from trpm.textes import sans_retour_chariot

DEJA_SERVI = "Cet envoi porte l’identifiant d’un autre : il n’a pas été enregistré. Refaites cette saisie."


@dataclass(frozen=True)
class Envoi:
    """Ce qui identifie un geste venu d'un appareil ; voir `Operation`."""

    uuid: UUID
    chaine: UUID
    rang: int = 0


@dataclass(frozen=True)
class Geste:
    """Ce que l'on veut écrire dans une case, et ce que l'on y voyait."""

    case: Case
    texte: str
    vu: str = ""
    envoi: Envoi | None = None


@dataclass(frozen=True)
class Refus:
    geste: Geste
    motif: str


@dataclass(frozen=True)
class Conflit:
    """La case a changé depuis qu'elle a été affichée."""

    geste: Geste
    actuel: str
    auteur: str
    le: datetime.datetime | None


@dataclass
class CompteRendu:
    """`enregistres` : les gestes qui ont changé une case ; `inchanges` : ceux qu'elle portait déjà.

    `feuille` : la situation telle qu'elle est après ces écritures.
    """

    le: datetime.datetime
    feuille: Feuille
    enregistres: list[Geste] = field(default_factory=list)
    inchanges: list[Geste] = field(default_factory=list)
    refus: list[Refus] = field(default_factory=list)
    conflits: list[Conflit] = field(default_factory=list)

    @property
    def complet(self) -> bool:
        return not self.refus and not self.conflits

    def ajouter(self, geste: Geste, verdict: Verdict) -> None:
        if isinstance(verdict, Refus):
            self.refus.append(verdict)
        elif isinstance(verdict, Conflit):
            self.conflits.append(verdict)
        else:
            (self.enregistres if verdict else self.inchanges).append(geste)


Verdict = Refus | Conflit | bool
"""Ce qu'il advient d'un geste : refusé, en conflit, ou fait ; vrai si la case a changé."""


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
    etat, memoire = _Etat(feuille), _Memoire.lire(situation, gestes, auteur)
    rendu = CompteRendu(timezone.now(), feuille)
    for vague in _vagues(gestes):
        _enregistrer_vague(etat, memoire, vague, auteur, rendu)
    inserer(memoire.nouvelles)
    return rendu


@Preparee
def _verrouillee(
    pk: int, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int
) -> QuerySet[Situation, Situation]:
    choisie = Situation.objects.filter(pk=pk).dans(Perimetre(entiers, equipes, personne))
    return choisie.verrouillees().select_related("classe__promotion")


def _vagues(gestes: list[Geste]) -> list[list[Geste]]:
    """Les gestes, dans l'ordre, en lots où chaque case et chaque envoi n'apparaît qu'une fois."""
    vagues: list[list[Geste]] = []
    prochaine: dict[object, int] = defaultdict(int)
    for geste in gestes:
        cles = [geste.case, geste.envoi.uuid] if geste.envoi else [geste.case]
        rang = max(prochaine[cle] for cle in cles)
        if rang == len(vagues):
            vagues.append([])
        vagues[rang].append(geste)
        prochaine.update(dict.fromkeys(cles, rang + 1))
    return vagues


def _enregistrer_vague(
    etat: _Etat, memoire: _Memoire, gestes: list[Geste], auteur: Utilisateur, rendu: CompteRendu
) -> None:
    ecritures: dict[str, dict[Case, str]] = defaultdict(dict)
    for geste in gestes:
        verdict = memoire.verdict(geste)
        if verdict is None:
            verdict = etat.juger(geste, memoire.deja_ecrit(geste))
            if verdict is True:
                ecritures[geste.case.genre][geste.case] = etat.voulu(geste)
        memoire.retenir(geste, verdict, rendu.le)
        rendu.ajouter(geste, verdict)
    for genre, voulus in ecritures.items():
        etat.ecrire(TABLES[genre], voulus, auteur, rendu.le)


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


@Preparee
def _operations(
    uuids: tuple[UUID, ...], chaines: tuple[UUID, ...], situation: int, auteur: int
) -> QuerySet[Operation, Operation]:
    """Celles qui portent ces identifiants, et celles des mêmes suites de gestes."""
    suites = Q(chaine__in=chaines, situation=situation, auteur=auteur)
    return Operation.objects.filter(Q(pk__in=uuids) | suites).order_by("rang")


@dataclass(frozen=True)
class _Memoire:
    """Les opérations déjà reçues qui éclairent celles d'un lot."""

    situation: Situation
    auteur: Utilisateur
    recues: dict[UUID, Operation]
    chaines: dict[tuple[UUID, str], list[Operation]]
    nouvelles: list[Operation] = field(default_factory=list)

    @classmethod
    def lire(cls, situation: Situation, gestes: list[Geste], auteur: Utilisateur) -> _Memoire:
        envois = [geste.envoi for geste in gestes if geste.envoi]
        uuids, suites = (tuple({getattr(envoi, nom) for envoi in envois}) for nom in ("uuid", "chaine"))
        recues: dict[UUID, Operation] = {}
        chaines: dict[tuple[UUID, str], list[Operation]] = defaultdict(list)
        for operation in _operations(uuids, suites, situation.pk, auteur.pk) if envois else ():
            recues[operation.pk] = operation
            if (operation.situation_id, operation.auteur_id) == (situation.pk, auteur.pk):
                chaines[operation.chaine, operation.case].append(operation)
        return cls(situation, auteur, recues, chaines)

    def verdict(self, geste: Geste) -> Verdict | None:
        """Réponse déjà faite à ce geste, ou à celui qui l'a suivi ; `None` s'il reste à juger."""
        if geste.envoi is None:
            return None
        if recue := self.recues.get(geste.envoi.uuid):
            if self._est_le_meme(geste, recue):
                return self._rappel(geste, recue)
            return Refus(geste, DEJA_SERVI)
        suivantes = [
            une
            for une in self._chaine(geste)
            if une.rang > geste.envoi.rang and une.resultat != Operation.Resultat.REFUS
        ]
        return self._rappel(geste, suivantes[-1]) if suivantes else None

    def deja_ecrit(self, geste: Geste) -> str | None:
        """Ce que la même suite de gestes a déjà écrit dans la case : l'appareil le montrait."""
        return next((une.texte for une in reversed(self._chaine(geste)) if une.ecrite), None)

    def retenir(self, geste: Geste, verdict: Verdict, le: datetime.datetime) -> None:
        if geste.envoi is None or geste.envoi.uuid in self.recues:
            return
        operation = Operation(
            uuid=geste.envoi.uuid,
            situation=self.situation,
            auteur=self.auteur,
            case=str(geste.case),
            texte=geste.texte,
            vu=geste.vu,
            chaine=geste.envoi.chaine,
            rang=geste.envoi.rang,
            resultat=Operation.Resultat.ENREGISTRE,
            ecrite=verdict is True,
            recue_le=le,
        )
        if isinstance(verdict, Refus):
            operation.resultat, operation.motif = Operation.Resultat.REFUS, verdict.motif
        elif isinstance(verdict, Conflit):
            operation.resultat = Operation.Resultat.CONFLIT
            operation.actuel, operation.actuel_auteur = verdict.actuel, verdict.auteur
            operation.actuel_le = verdict.le
        self.nouvelles.append(operation)
        self.recues[operation.pk] = operation
        self.chaines[operation.chaine, operation.case].append(operation)
        self.chaines[operation.chaine, operation.case].sort(key=lambda une: une.rang)

    def _chaine(self, geste: Geste) -> list[Operation]:
        return self.chaines.get((geste.envoi.chaine, str(geste.case)), []) if geste.envoi else []

    def _est_le_meme(self, geste: Geste, recue: Operation) -> bool:
        ici = (self.auteur.pk, self.situation.pk, str(geste.case))
        return (recue.auteur_id, recue.situation_id, recue.case) == ici

    def _rappel(self, geste: Geste, operation: Operation) -> Verdict:
        if operation.resultat == Operation.Resultat.REFUS:
            return Refus(geste, operation.motif)
        if operation.resultat == Operation.Resultat.CONFLIT:
            return Conflit(geste, operation.actuel, operation.actuel_auteur, operation.actuel_le)
        return False


@dataclass(frozen=True)
class _Etat:
    """La feuille lue sous verrou, pour juger des gestes, et ce qu'elle devient à mesure que l'on écrit."""

    feuille: Feuille

    @cached_property
    def niveaux(self) -> dict[str, Niveau]:
        return {niveau.code: niveau for niveau in self.feuille.niveaux}

    def juger(self, geste: Geste, deja_ecrit: str | None) -> Verdict:
        if motif := self.motif_de_refus(geste):
            return Refus(geste, motif)
        presente = self.feuille.presentes.get(geste.case)
        actuel = presente.texte if presente else ""
        if self.voulu(geste) == actuel:
            return False
        vus = [geste.vu] if deja_ecrit is None else [geste.vu, deja_ecrit]
        if actuel in [self.canonique(geste.case, vu) for vu in vus]:
            return True
        if presente is None:
            return Conflit(geste, actuel, "", None)
        return Conflit(geste, actuel, presente.auteur, presente.modifie_le)

    def canonique(self, case: Case, texte: str) -> str | None:
        if case.genre == COMMENTAIRE or case.est_remarque:
            return sans_retour_chariot(texte)
        return code_saisi(texte, self.niveaux, Mention.values)

    def voulu(self, geste: Geste) -> str:
        return self.canonique(geste.case, geste.texte) or ""

    def motif_de_refus(self, geste: Geste) -> str:
        case, situation = geste.case, self.feuille.situation
        if not situation.saisissable:
            return f"La situation est à l’état « {situation.get_etat_display()} » : on n’y saisit pas."
        eleve = self.feuille.eleves.get(case.eleve)
        if eleve is None and situation.eleve:
            return f"Cette situation ne vise que {situation.eleve}."
        if eleve is None:
            cercle = f"le groupe « {situation.groupe} »" if situation.groupe else "la classe"
            return f"Cet élève n’est pas dans {cercle} de la situation."
        genre = case.hote.genre
        colonne = self.feuille.colonnes.get((genre, case.item))
        if colonne is None and genre == COMPETENCE:
            return "Cette compétence n’est pas visée par la situation."
        if colonne is None and genre == DETAILLEE:
            return "Cette compétence détaillée n’est pas visée par la situation."
        if colonne and not colonne.concerne(eleve.option_id):
            return f"{colonne.code} ne concerne pas l’option {eleve.option.code}, celle de {eleve}."
        if self.canonique(case, geste.texte) is None:
            codes = ", ".join(self.niveaux)
            return (
                f"« {geste.texte.strip()} » n’est pas un niveau : tapez {codes}, "
                "N (non évalué), A (absent), D (dispensé), ou laissez vide."
            )
        return ""

    def ecrire(
        self, table: _Table, voulus: dict[Case, str], auteur: Utilisateur, le: datetime.datetime
    ) -> None:
        """Ce qui change dans une table : un nombre fixe de requêtes, historique compris."""
        presentes = self.feuille.presentes
        otees = [presentes.pop(case).pk for case, voulu in voulus.items() if not voulu]
        for saisie in table.modele.objects.in_bulk(otees).values() if otees else ():
            saisie._history_user = auteur
            saisie.delete()
        creees: list[tuple[Case, Any]] = []
        changees: list[tuple[Case, Any]] = []
        for case, voulu in voulus.items():
            if voulu:
                ancienne = presentes.get(case)
                saisie = self._saisie(table, case, ancienne.pk if ancienne else None)
                self._remplir(saisie, voulu)
                saisie.auteur, saisie.modifie_le = auteur, le
                (changees if ancienne else creees).append((case, saisie))
        table.creer([saisie for _, saisie in creees], auteur, le)
        table.changer([saisie for _, saisie in changees], auteur, le)
        for case, saisie in (*creees, *changees):
            presentes[case] = self._presente(saisie, voulus[case])

    def _saisie(self, table: _Table, case: Case, pk: int | None) -> Any:
        cible = {f"{nom}_id": case.item for nom in table.cible}
        return table.modele(pk=pk, situation=self.feuille.situation, eleve_id=case.eleve, **cible)

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
        return Presente(saisie.pk, voulu, saisie.auteur.nom_complet, saisie.modifie_le, valeur)
