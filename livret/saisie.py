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
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from livret.bilan import niveaux_en_vigueur
from livret.models import Eleve, Evaluation, Fiche, Observation, Operation, Situation, Utilisateur
from livret.models.evaluation import Mention
from livret.niveaux import code_saisi
from referentiel.models import Competence, Detaillee, Niveau

DETAILLEE, COMPETENCE, COMMENTAIRE = "d", "c", "commentaire"
DEJA_SERVI = "Cet envoi porte l’identifiant d’un autre : il n’a pas été enregistré. Refaites cette saisie."


@dataclass(frozen=True)
class Case:
    """Adresse d'une case : `d12-45` (détaillée 12, élève 45), `c3-45` (compétence) ou `commentaire-45`."""

    genre: str
    item: int
    eleve: int

    def __str__(self) -> str:
        return f"{self.genre}{self.item or ''}-{self.eleve}"


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
    """`enregistres` : les gestes qui ont changé une case ; `inchanges` : ceux qu'elle portait déjà."""

    le: datetime.datetime
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
    gestes = list(gestes)
    try:
        return _enregistrer(situation, gestes, auteur)
    except IntegrityError:
        # Une écriture qui n'est pas passée par ici a créé la même case : on relit, et c'est un conflit.
        return _enregistrer(situation, gestes, auteur)


@transaction.atomic
def _enregistrer(situation: Situation, gestes: list[Geste], auteur: Utilisateur) -> CompteRendu:
    situation = Situation.objects.verrouillees().select_related("classe__promotion").get(pk=situation.pk)
    rendu = CompteRendu(timezone.now())
    for vague in _vagues(gestes):
        _enregistrer_vague(situation, vague, auteur, rendu)
    return rendu


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
    situation: Situation, gestes: list[Geste], auteur: Utilisateur, rendu: CompteRendu
) -> None:
    etat = _Etat.lire(situation, gestes)
    memoire = _Memoire.lire(situation, gestes, auteur)
    ecritures: dict[type, _Ecritures] = defaultdict(_Ecritures)
    for geste in gestes:
        verdict = memoire.verdict(geste)
        if verdict is None:
            verdict = etat.juger(geste, memoire.deja_ecrit(geste))
            if verdict is True:
                etat.ecrire(geste.case, etat.voulu(geste), auteur, rendu.le, ecritures)
        memoire.retenir(geste, verdict, rendu.le)
        rendu.ajouter(geste, verdict)
    for modele, lot in ecritures.items():
        lot.appliquer(modele, auteur, rendu.le)
    Operation.objects.bulk_create(memoire.nouvelles)


def texte_de(saisie: Observation | Evaluation | Fiche | None) -> str:
    """Ce que la case montre : code de niveau, mention ou commentaire ; vide sans saisie."""
    if saisie is None:
        return ""
    if isinstance(saisie, Fiche):
        return saisie.commentaire
    return saisie.niveau.code if saisie.niveau else saisie.mention


def presentes(situation: Situation, eleves: Iterable[Any]) -> dict[Case, Any]:
    """Ce que portent les cases de ces élèves. Trois requêtes."""
    filtre = {"situation": situation, "eleve__in": list(eleves)}
    cases: dict[Case, Any] = {}
    for observation in Observation.objects.filter(**filtre).select_related("niveau", "auteur"):
        cases[Case(DETAILLEE, observation.detaillee_id, observation.eleve_id)] = observation
    for evaluation in Evaluation.objects.filter(**filtre).select_related("niveau", "auteur"):
        cases[Case(COMPETENCE, evaluation.competence_id, evaluation.eleve_id)] = evaluation
    for fiche in Fiche.objects.filter(**filtre).select_related("auteur"):
        cases[Case(COMMENTAIRE, 0, fiche.eleve_id)] = fiche
    return cases


def sans_retour_chariot(texte: str) -> str:
    return "\n".join(texte.splitlines()).strip()


@dataclass
class _Ecritures:
    """Lot d'écritures d'une même table : un nombre fixe de requêtes, historique compris."""

    creees: list[Any] = field(default_factory=list)
    changees: list[Any] = field(default_factory=list)
    effacees: list[Any] = field(default_factory=list)

    def appliquer(self, modele: Any, auteur: Utilisateur, le: datetime.datetime) -> None:
        trace = {"default_user": auteur, "default_date": le}
        champs = ["commentaire"] if modele is Fiche else ["niveau", "mention"]
        if self.creees:
            bulk_create_with_history(self.creees, modele, **trace)
        if self.changees:
            bulk_update_with_history(self.changees, modele, [*champs, "auteur", "modifie_le"], **trace)
        for saisie in self.effacees:
            saisie._history_user = auteur
            saisie.delete()


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
        connues = Q(pk__in=[envoi.uuid for envoi in envois])
        connues |= Q(chaine__in=[envoi.chaine for envoi in envois], situation=situation, auteur=auteur)
        recues: dict[UUID, Operation] = {}
        chaines: dict[tuple[UUID, str], list[Operation]] = defaultdict(list)
        for operation in Operation.objects.filter(connues).order_by("rang") if envois else ():
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
    """Ce qu'il faut savoir de la situation, lu sous verrou, pour juger des gestes."""

    situation: Situation
    niveaux: dict[str, Niveau]
    eleves: dict[int, Eleve]
    detaillees: dict[int, Detaillee]
    competences: dict[int, Competence]
    presentes: dict[Case, Any]

    @classmethod
    def lire(cls, situation: Situation, gestes: list[Geste]) -> _Etat:
        eleves = {geste.case.eleve for geste in gestes}
        niveaux = niveaux_en_vigueur(situation.classe.promotion.referentiel_id)
        return cls(
            situation,
            {niveau.code: niveau for niveau in niveaux},
            situation.eleves().filter(pk__in=eleves).select_related("option").in_bulk(),
            situation.detaillees.in_bulk(),
            situation.competences_visees().in_bulk(),
            presentes(situation, eleves),
        )

    def juger(self, geste: Geste, deja_ecrit: str | None) -> Verdict:
        if motif := self.motif_de_refus(geste):
            return Refus(geste, motif)
        presente = self.presentes.get(geste.case)
        actuel = texte_de(presente)
        if self.voulu(geste) == actuel:
            return False
        vus = [geste.vu] if deja_ecrit is None else [geste.vu, deja_ecrit]
        if actuel in [self.canonique(geste.case, vu) for vu in vus]:
            return True
        if presente is None:
            return Conflit(geste, actuel, "", None)
        return Conflit(geste, actuel, presente.auteur.nom_complet, presente.modifie_le)

    def canonique(self, case: Case, texte: str) -> str | None:
        if case.genre == COMMENTAIRE:
            return sans_retour_chariot(texte)
        return code_saisi(texte, self.niveaux, Mention.values)

    def voulu(self, geste: Geste) -> str:
        return self.canonique(geste.case, geste.texte) or ""

    def motif_de_refus(self, geste: Geste) -> str:
        case = geste.case
        if not self.situation.saisissable:
            return f"La situation est à l’état « {self.situation.get_etat_display()} » : on n’y saisit pas."
        eleve = self.eleves.get(case.eleve)
        if eleve is None:
            return "Cet élève n’est pas dans la classe de la situation."
        if case.genre == COMPETENCE and case.item not in self.competences:
            return "Cette compétence n’est pas visée par la situation."
        if case.genre == DETAILLEE:
            detaillee = self.detaillees.get(case.item)
            if detaillee is None:
                return "Cette compétence détaillée n’est pas visée par la situation."
            if not detaillee.concerne(eleve.option_id):
                return f"{detaillee.code} ne concerne pas l’option {eleve.option.code}, celle de {eleve}."
        if self.canonique(case, geste.texte) is None:
            codes = ", ".join(self.niveaux)
            return (
                f"« {geste.texte.strip()} » n’est pas un niveau : tapez {codes}, "
                "N (non évalué), A (absent), D (dispensé), ou laissez vide."
            )
        return ""

    def ecrire(
        self,
        case: Case,
        voulu: str,
        auteur: Utilisateur,
        le: datetime.datetime,
        ecritures: dict[type, _Ecritures],
    ) -> None:
        modeles: dict[str, tuple[Any, dict[str, int]]] = {
            DETAILLEE: (Observation, {"detaillee_id": case.item}),
            COMPETENCE: (Evaluation, {"competence_id": case.item}),
            COMMENTAIRE: (Fiche, {}),
        }
        modele, cible = modeles[case.genre]
        lot, presente = ecritures[modele], self.presentes.get(case)
        if not voulu:
            lot.effacees.append(presente)
            return
        saisie = presente or modele(situation=self.situation, eleve_id=case.eleve, **cible)
        saisie.auteur, saisie.modifie_le = auteur, le
        if modele is Fiche:
            saisie.commentaire = voulu
        else:
            saisie.niveau = self.niveaux.get(voulu)
            saisie.mention = "" if saisie.niveau else voulu
        self.presentes[case] = saisie
        (lot.changees if presente else lot.creees).append(saisie)
