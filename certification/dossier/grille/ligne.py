"""Une ligne de la grille d'un candidat : une compétence, ou l'un de ses critères. Module pur."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from certification.dossier.grille.citations import RegleCitee
from certification.dossier.grille.vu import AConfirmer, NiveauVu, PreuveVue
from livret.niveaux import Preuve, meilleure
from referentiel.echelle import Echelle
from trpm.base import instantane
from trpm.base.concurrence import jeton

NON_DEMONTREE = "ND"


@dataclass(frozen=True)
class LigneGrille:
    """Une compétence, ou l'un de ses critères : ses preuves, le niveau proposé, le niveau arrêté.

    `preuves` ne porte que des niveaux de l'échelle de la grille ; ceux d'une autre échelle sont
    dans `hors_echelle`, montrés et jamais comptés. `a_confirmer` : ce que la commission avait arrêté, et
    qui ne vaut plus tant qu'elle ne l'a pas confirmé ; la ligne est alors comme si rien n'était arrêté.

    Une compétence qui a des `criteres` n'a ni preuve ni décision à elle : tout se lit d'après eux. `poids`
    et `part` d'un critère sont ceux qu'il a dans sa compétence, nuls s'il est déclaré non évalué.
    """

    code: str
    intitule: str
    poids: Fraction
    part: Fraction
    preuves: tuple[Preuve, ...]
    hors_echelle: tuple[Preuve, ...]
    detaillees_visees: int
    detaillees_observees: int
    niveau_arrete: int | None = None
    non_demontree: bool = False
    motif: str = ""
    arrete_par: str = ""
    arrete_le: datetime.datetime | None = None
    a_confirmer: AConfirmer | None = field(default=None, metadata=instantane.FACULTATIF)

    criteres: tuple[LigneGrille, ...] = field(default=(), metadata=instantane.FACULTATIF)

    @cached_property
    def attendus(self) -> tuple[LigneGrille, ...]:
        """Ses critères, sans ceux que la grille déclare non évalués."""
        return tuple(critere for critere in self.criteres if critere.poids)

    @property
    def positions(self) -> tuple[LigneGrille, ...]:
        """Ce qui reçoit un niveau : ses critères attendus, ou elle-même."""
        return self.attendus if self.criteres else (self,)

    @cached_property
    def retenues(self) -> tuple[Preuve, ...]:
        return tuple(preuve for preuve in self.preuves if preuve.retenue)

    @property
    def autres(self) -> tuple[Preuve, ...]:
        return tuple(preuve for preuve in self.preuves if not preuve.retenue)

    @cached_property
    def meilleure(self) -> Preuve | None:
        return meilleure(self.retenues)

    @cached_property
    def propose(self) -> int | Fraction | None:
        """Le meilleur niveau démontré ; d'après les critères, la moyenne exacte des leurs."""
        if self.criteres:
            return self._moyenne([(critere.part, critere.propose) for critere in self.attendus])
        return self.meilleure.valeur if self.meilleure else None

    @property
    def arretee(self) -> bool:
        if self.criteres:
            return all(critere.arretee for critere in self.attendus)
        return self.non_demontree or self.niveau_arrete is not None

    @staticmethod
    def _moyenne(parts: list[tuple[Fraction, int | Fraction | None]]) -> Fraction | None:
        connues = [part * niveau for part, niveau in parts if niveau is not None]
        return sum(connues, Fraction(0)) if len(connues) == len(parts) else None

    @property
    def decision(self) -> str:
        """« arrêté », « non démontrée », ou rien."""
        return "non démontrée" if self.non_demontree else "arrêté" if self.arretee else ""

    @property
    def valeur(self) -> int | Fraction | None:
        """Ce qui entre dans le calcul : le niveau arrêté, à défaut le niveau proposé ; d'après les critères,
        la moyenne exacte des leurs."""
        if self.criteres:
            return self._moyenne([(critere.part, critere.valeur) for critere in self.attendus])
        if self.non_demontree:
            return 0
        return self.niveau_arrete if self.niveau_arrete is not None else self.propose

    @property
    def niveau_compte(self) -> int | None:
        """Ce qui entre dans le calcul pour ce qui reçoit un niveau."""
        return None if self.criteres or self.valeur is None else int(self.valeur)

    @property
    def a_motiver(self) -> bool:
        """La commission s'écarte du niveau proposé sans avoir dit pourquoi."""
        ecart = self.non_demontree or self.niveau_arrete != self.propose
        return self.arretee and ecart and not self.motif

    def vu(self, regle: RegleCitee) -> NiveauVu:
        """Ce que l'on voit en arrêtant le niveau de cette compétence (Q48)."""
        preuves = [PreuveVue(p.situation_id, p.valeur, p.situation) for p in self.retenues]
        return NiveauVu(
            self.code,
            regle.nom,
            regle.echelle_vue,
            self.meilleure.valeur if self.meilleure else None,
            tuple(sorted(preuves, key=lambda preuve: preuve.situation)),
        )

    def code_arrete(self, echelle: Echelle) -> str:
        """Code à montrer coché : celui du niveau, « ND », ou rien."""
        if self.non_demontree:
            return NON_DEMONTREE
        degre = echelle.degre(self.niveau_arrete)
        return degre.code if degre else ""

    @property
    def jeton(self) -> str:
        """Ce que la page montrait de cette ligne : ce qui est arrêté, et ce sur quoi on l'arrête."""
        suspendu = (self.a_confirmer.texte, self.a_confirmer.motif) if self.a_confirmer else ()
        preuves = [(preuve.situation_id, preuve.valeur) for preuve in self.retenues]
        return jeton(self.non_demontree, self.niveau_arrete, self.motif, suspendu, self.propose, preuves)
