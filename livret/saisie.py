"""Écrire dans la grille : vérifier chaque geste, ne rien écraser en silence, garder l'historique.

Chaque geste porte ce que la personne voyait dans la case. Si la case a changé entre-temps, rien
n'est écrit : c'est un conflit, qui dit qui a écrit quoi et quand, et la personne choisit.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from livret.bilan import niveaux_en_vigueur
from livret.models import Eleve, Evaluation, Fiche, Observation, Situation, Utilisateur
from livret.models.evaluation import Mention
from livret.niveaux import code_saisi
from referentiel.models import Competence, Detaillee, Niveau

DETAILLEE, COMPETENCE, COMMENTAIRE = "d", "c", "commentaire"


@dataclass(frozen=True)
class Case:
    """Adresse d'une case : `d12-45` (détaillée 12, élève 45), `c3-45` (compétence) ou `commentaire-45`."""

    genre: str
    item: int
    eleve: int

    def __str__(self) -> str:
        return f"{self.genre}{self.item or ''}-{self.eleve}"


@dataclass(frozen=True)
class Geste:
    """Ce que l'on veut écrire dans une case, et ce que l'on y voyait."""

    case: Case
    texte: str
    vu: str = ""


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
    le: datetime.datetime
    enregistres: list[Geste] = field(default_factory=list)
    refus: list[Refus] = field(default_factory=list)
    conflits: list[Conflit] = field(default_factory=list)

    @property
    def complet(self) -> bool:
        return not self.refus and not self.conflits


def enregistrer(situation: Situation, gestes: Iterable[Geste], auteur: Utilisateur) -> CompteRendu:
    """Écrit ce qui peut l'être ; dit pourquoi le reste ne l'a pas été. Un seul geste par case."""
    gestes = list({geste.case: geste for geste in gestes}.values())
    try:
        return _enregistrer(situation, gestes, auteur)
    except IntegrityError:
        # Une écriture qui n'est pas passée par ici a créé la même case : on relit, et c'est un conflit.
        return _enregistrer(situation, gestes, auteur)


@transaction.atomic
def _enregistrer(situation: Situation, gestes: list[Geste], auteur: Utilisateur) -> CompteRendu:
    situation = Situation.objects.verrouillees().select_related("classe__promotion").get(pk=situation.pk)
    rendu = CompteRendu(timezone.now())
    etat = _Etat.lire(situation, gestes)
    ecritures: dict[type, _Ecritures] = defaultdict(_Ecritures)
    for geste in gestes:
        if motif := etat.motif_de_refus(geste):
            rendu.refus.append(Refus(geste, motif))
            continue
        voulu, presente = etat.voulu(geste), etat.presentes.get(geste.case)
        actuel = texte_de(presente)
        if voulu == actuel:
            continue
        if etat.canonique(geste.case, geste.vu) != actuel:
            rendu.conflits.append(
                Conflit(
                    geste,
                    actuel,
                    presente.auteur.nom_complet if presente else "",
                    presente.modifie_le if presente else None,
                )
            )
            continue
        etat.ecrire(geste.case, voulu, auteur, rendu.le, ecritures)
        rendu.enregistres.append(geste)
    for modele, lot in ecritures.items():
        lot.appliquer(modele, auteur, rendu.le)
    return rendu


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
