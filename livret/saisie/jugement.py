"""Juger un geste d'après ce que porte la case, ce qu'en montrait la page et ce qui est reçu. Module pur.

Chaque geste porte ce que la personne voyait dans la case. Si la case a changé entre-temps, rien n'est à
écrire : c'est un conflit, qui dit qui a écrit quoi et quand, et la personne choisit.

Un geste venu d'un appareil porte l'identifiant que celui-ci lui a donné : reçu deux fois, il n'est écrit
qu'une fois et reçoit la même réponse ; reçu en retard, il ne défait pas le geste qui l'a suivi.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from livret.niveaux import code_saisi, touches_des_mentions
from livret.saisie.case import COMMENTAIRE, Case, Presente
from livret.situation.colonnes import COMPETENCE, DETAILLEE, ColonneVisee
from trpm.textes import sans_retour_chariot

DEJA_SERVI = "Cet envoi porte l’identifiant d’un autre : il n’a pas été enregistré. Refaites cette saisie."


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
class Ecrit:
    """La case change : elle portera ce texte, ou plus rien s'il est vide."""

    geste: Geste
    texte: str


@dataclass(frozen=True)
class Inchange:
    """La case porte déjà ce texte, ou ce geste a déjà été fait."""

    geste: Geste


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


Verdict = Ecrit | Inchange | Refus | Conflit


class Inscrit(NamedTuple):
    """Un élève que vise la situation."""

    nom: str
    option_id: int
    option: str


@dataclass(frozen=True)
class CadreDeSaisie:
    """Ce que les cases d'une situation admettent, et de qui.

    `fermee` : son état, si l'on n'y saisit pas. `seul`, `groupe` : l'élève ou le groupe qu'elle vise, si
    ce n'est pas toute la classe.
    """

    niveaux: tuple[str, ...]
    mentions: tuple[str, ...]
    eleves: Mapping[int, Inscrit]
    colonnes: Mapping[tuple[str, int], ColonneVisee]
    fermee: str = ""
    seul: str = ""
    groupe: str = ""

    def canonique(self, case: Case, texte: str) -> str | None:
        """Ce texte tel que la case le garde ; `None` s'il n'y a pas sa place."""
        if case.genre == COMMENTAIRE or case.est_remarque:
            return sans_retour_chariot(texte)
        return code_saisi(texte, self.niveaux, self.mentions)

    def motif_de_refus(self, geste: Geste) -> str:
        """Pourquoi la case ne peut pas recevoir ce geste ; vide si elle le peut."""
        case = geste.case
        if self.fermee:
            return f"La situation est {self.fermee}\xa0: on n’y saisit pas."
        eleve = self.eleves.get(case.eleve)
        if eleve is None:
            return self._hors_cercle()
        genre = case.hote.genre
        colonne = self.colonnes.get((genre, case.item))
        if colonne is None and genre == COMPETENCE:
            return "Cette compétence n’est pas visée par la situation."
        if colonne is None and genre == DETAILLEE:
            return "Cette compétence détaillée n’est pas visée par la situation."
        if colonne and colonne.deduite and not case.est_remarque:
            return f"Le niveau de {colonne.code} se lit d’après ses critères : notez-les."
        if colonne and not colonne.concerne(eleve.option_id):
            return f"{colonne.code} ne concerne pas l’option {eleve.option}, celle de {eleve.nom}."
        if self.canonique(case, geste.texte) is None:
            autres = ", ".join(f"{touche} ({sens})" for touche, sens in touches_des_mentions(self.niveaux))
            return (
                f"« {geste.texte.strip()} » n’est pas un niveau : tapez {', '.join(self.niveaux)}, "
                f"{autres}, ou laissez vide."
            )
        return ""

    def _hors_cercle(self) -> str:
        if self.seul:
            return f"Cette situation ne vise que {self.seul}."
        cercle = f"le groupe « {self.groupe} »" if self.groupe else "la classe"
        return f"Cet élève n’est pas dans {cercle} de la situation."


@dataclass(frozen=True)
class Recue:
    """Un envoi déjà jugé, et ce qu'il en est advenu ; ni refus ni conflit : enregistré.

    `ici` : dans cette situation, par cette personne. `ecrite` : il a changé la case.
    """

    envoi: Envoi
    case: str
    texte: str
    ecrite: bool = False
    refus: str | None = None
    conflit: tuple[str, str, datetime.datetime | None] | None = None
    ici: bool = True

    @classmethod
    def de(cls, envoi: Envoi, verdict: Verdict) -> Recue:
        geste = verdict.geste
        return cls(
            envoi,
            str(geste.case),
            geste.texte,
            isinstance(verdict, Ecrit),
            verdict.motif if isinstance(verdict, Refus) else None,
            (verdict.actuel, verdict.auteur, verdict.le) if isinstance(verdict, Conflit) else None,
        )

    def rappel(self, geste: Geste) -> Verdict:
        """La même réponse, faite à ce geste."""
        if self.refus is not None:
            return Refus(geste, self.refus)
        return Conflit(geste, *self.conflit) if self.conflit else Inchange(geste)


class Memoire:
    """Les envois déjà jugés qui éclairent ceux d'un lot ; `nouvelles` : les verdicts rendus depuis."""

    def __init__(self, recues: Iterable[Recue] = ()) -> None:
        self.nouvelles: list[tuple[Envoi, Verdict]] = []
        self.recues: dict[UUID, Recue] = {}
        self.chaines: dict[tuple[UUID, str], list[Recue]] = defaultdict(list)
        for recue in recues:
            self._ajouter(recue)

    def rappel(self, geste: Geste) -> Verdict | None:
        """Réponse déjà faite à ce geste, ou à celui qui l'a suivi ; `None` s'il reste à juger."""
        if geste.envoi is None:
            return None
        if recue := self.recues.get(geste.envoi.uuid):
            le_meme = recue.ici and recue.case == str(geste.case)
            return recue.rappel(geste) if le_meme else Refus(geste, DEJA_SERVI)
        rang = geste.envoi.rang
        suivantes = [une for une in self._chaine(geste) if une.envoi.rang > rang and une.refus is None]
        return suivantes[-1].rappel(geste) if suivantes else None

    def deja_ecrit(self, geste: Geste) -> str | None:
        """Ce que la même suite de gestes a déjà écrit dans la case : l'appareil le montrait."""
        return next((une.texte for une in reversed(self._chaine(geste)) if une.ecrite), None)

    def retenir(self, verdict: Verdict) -> None:
        envoi = verdict.geste.envoi
        if envoi and envoi.uuid not in self.recues:
            self.nouvelles.append((envoi, verdict))
            self._ajouter(Recue.de(envoi, verdict))

    def _ajouter(self, recue: Recue) -> None:
        self.recues[recue.envoi.uuid] = recue
        if recue.ici:
            chaine = self.chaines[recue.envoi.chaine, recue.case]
            chaine.append(recue)
            chaine.sort(key=lambda une: une.envoi.rang)

    def _chaine(self, geste: Geste) -> list[Recue]:
        return self.chaines.get((geste.envoi.chaine, str(geste.case)), []) if geste.envoi else []


def juger(
    geste: Geste, cadre: CadreDeSaisie, presente: Presente | None, deja_ecrit: str | None = None
) -> Verdict:
    """Un geste jamais jugé ; `deja_ecrit` : ce que sa suite de gestes a déjà écrit dans la case."""
    actuel = presente.texte if presente else ""
    if actuel and geste.texte == geste.vu == actuel and cadre.canonique(geste.case, actuel) is None:
        return Inchange(geste)
    if motif := cadre.motif_de_refus(geste):
        return Refus(geste, motif)
    voulu = cadre.canonique(geste.case, geste.texte) or ""
    if voulu == actuel:
        return Inchange(geste)
    vus = [geste.vu] if deja_ecrit is None else [geste.vu, deja_ecrit]
    if actuel in vus or actuel in [cadre.canonique(geste.case, vu) for vu in vus]:
        return Ecrit(geste, voulu)
    if presente is None:
        return Conflit(geste, actuel, "", None)
    return Conflit(geste, actuel, presente.auteur, presente.modifie_le)


def juger_tous(
    gestes: Iterable[Geste],
    cadre: CadreDeSaisie,
    presentes: Mapping[Case, Presente],
    memoire: Memoire,
    auteur: str,
    le: datetime.datetime,
) -> list[Verdict]:
    """Un verdict par geste, dans l'ordre, chacun d'après ceux qui le précèdent ; la mémoire les retient.

    `presentes` : ce que portent les cases avant le premier ; `auteur` et `le` disent qui écrit, et quand.
    """
    actuelles, verdicts = dict(presentes), []
    for geste in gestes:
        case = geste.case
        verdict = memoire.rappel(geste) or juger(geste, cadre, actuelles.get(case), memoire.deja_ecrit(geste))
        memoire.retenir(verdict)
        verdicts.append(verdict)
        if isinstance(verdict, Ecrit) and verdict.texte:
            actuelles[case] = Presente(0, verdict.texte, auteur, le.isoformat())
        elif isinstance(verdict, Ecrit):
            actuelles.pop(case)
    return verdicts
