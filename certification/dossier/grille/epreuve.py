"""La grille d'un candidat pour une épreuve : l'objet unique que montrent page, PDF et classeur. Module pur.

Il ne lit ni base, ni horloge, ni réglage. Figé, il s'écrit en JSON canonique et se relit à
l'identique : un dossier validé s'affiche et s'imprime par ce même code, depuis son instantané.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from certification.dossier.grille.citations import (
    CandidatCite,
    CommissionCitee,
    EpreuveCitee,
    EtablissementCite,
    ModaliteCitee,
    PreuveAuDossier,
    RegleCitee,
    SituationCitee,
)
from certification.dossier.grille.vu import AConfirmer, CompetenceVueParLAuteur, NiveauVu, NoteVue, PreuveVue
from certification.notation import Note, decimale, note_affichee, note_epreuve
from livret.niveaux import Preuve, meilleure
from referentiel.echelle import Degre, Echelle
from trpm.base import instantane
from trpm.base.concurrence import jeton
from trpm.base.instantane import ecrire

FORMAT = 1
NON_DEMONTREE = "ND"


@dataclass(frozen=True)
class LigneGrille:
    """Une compétence : ses preuves, le niveau proposé, le niveau arrêté.

    `preuves` ne porte que des niveaux de l'échelle de la grille ; ceux d'une autre échelle sont
    dans `hors_echelle`, montrés et jamais comptés. `a_confirmer` : ce que la commission avait arrêté, et
    qui ne vaut plus tant qu'elle ne l'a pas confirmé ; la ligne est alors comme si rien n'était arrêté.
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

    @property
    def retenues(self) -> tuple[Preuve, ...]:
        return tuple(preuve for preuve in self.preuves if preuve.retenue)

    @property
    def autres(self) -> tuple[Preuve, ...]:
        return tuple(preuve for preuve in self.preuves if not preuve.retenue)

    @property
    def meilleure(self) -> Preuve | None:
        return meilleure(self.retenues)

    @property
    def propose(self) -> int | None:
        return self.meilleure.valeur if self.meilleure else None

    @property
    def arretee(self) -> bool:
        return self.non_demontree or self.niveau_arrete is not None

    @property
    def decision(self) -> str:
        """« arrêté », « non démontrée », ou rien."""
        return "non démontrée" if self.non_demontree else "arrêté" if self.arretee else ""

    @property
    def valeur(self) -> int | None:
        """Ce qui entre dans le calcul : le niveau arrêté, à défaut le niveau proposé."""
        if self.non_demontree:
            return 0
        return self.niveau_arrete if self.niveau_arrete is not None else self.propose

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
            self.propose,
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


class EtatDossier(StrEnum):
    A_CONFIRMER = "à confirmer"
    A_COMPLETER = "à compléter"
    COMPLET = "complet"
    A_ARBITRER = "à arbitrer"
    DECIDE = "décidé"
    PONCTUEL = "ponctuel"
    MODE_A_DIRE = "mode à dire"
    SANS_NOTE = "sans note"


@dataclass(frozen=True)
class GrilleEpreuve:
    """Tout ce qui établit la note d'un candidat à une épreuve.

    Ni niveau, ni note, ni observation « à confirmer » n'y est à sa place : aucune sortie ne peut les dire.
    """

    etablissement: EtablissementCite
    commission: CommissionCitee
    candidat: CandidatCite
    epreuve: EpreuveCitee
    modalite: ModaliteCitee
    regle: RegleCitee
    situation: str
    situation_libelle: str
    note_conservee: Decimal | None
    session_conservee: int | None
    lignes: tuple[LigneGrille, ...]
    situations: tuple[SituationCitee, ...]
    note: Note | None
    note_proposee: Decimal | None
    motif_ecart: str
    observations: str
    conseils: tuple[str, ...]
    portfolio: tuple[PreuveAuDossier, ...] = field(default=(), metadata=instantane.FACULTATIF)
    format: int = field(default=FORMAT)
    note_a_confirmer: AConfirmer | None = field(default=None, metadata=instantane.FACULTATIF)
    observations_a_confirmer: AConfirmer | None = field(default=None, metadata=instantane.FACULTATIF)
    correspondances: tuple[str, ...] = field(default=(), metadata=instantane.FACULTATIF)

    # --- état ---------------------------------------------------------------------------------

    @property
    def a_evaluer(self) -> bool:
        return self.modalite.ccf and self.situation == "a_evaluer"

    @property
    def ponctuel(self) -> bool:
        """La commission n'a rien à en dire : une épreuve ponctuelle, et ni note conservée, ni dispense…"""
        return not (self.modalite.ccf or self.modalite.inconnue) and self.situation == "a_evaluer"

    @property
    def mode_a_dire(self) -> bool:
        """Le référentiel ne dit pas le mode de l'épreuve : on le demande, et rien ne se propose avant."""
        return self.modalite.inconnue and self.situation == "a_evaluer"

    @property
    def manquantes(self) -> tuple[str, ...]:
        return tuple(ligne.code for ligne in self.lignes if ligne.valeur is None)

    @property
    def a_arreter(self) -> tuple[str, ...]:
        return tuple(ligne.code for ligne in self.lignes if not ligne.arretee)

    @property
    def proposees(self) -> tuple[str, ...]:
        """Celles dont un niveau est proposé, et que la commission n'a jamais arrêtées."""
        return tuple(
            ligne.code
            for ligne in self.lignes
            if not ligne.arretee and not ligne.a_confirmer and ligne.propose is not None
        )

    @property
    def a_confirmer(self) -> tuple[str, ...]:
        """Ce que la commission avait décidé et qu'elle doit confirmer ou refaire, en mots."""
        decisions = [(f"Niveau de {ligne.code} à confirmer", ligne.a_confirmer) for ligne in self.lignes]
        decisions.append(("Note proposée à confirmer", self.note_a_confirmer))
        decisions.append(("Observations à confirmer", self.observations_a_confirmer))
        return tuple(f"{quoi} : {suspendue}." for quoi, suspendue in decisions if suspendue)

    @property
    def ecart_a_motiver(self) -> bool:
        return self.note_proposee is not None and self.ecart and not self.motif_ecart

    @property
    def ecart(self) -> bool:
        """La note proposée n'est pas la note calculée."""
        return self.note_proposee is not None and self.note_proposee != self.calculee

    @property
    def etat(self) -> EtatDossier:
        if self.ponctuel:
            return EtatDossier.PONCTUEL
        if self.mode_a_dire:
            return EtatDossier.MODE_A_DIRE
        if self.a_confirmer:
            return EtatDossier.A_CONFIRMER
        if self.situation != "a_evaluer":
            return EtatDossier.SANS_NOTE
        if self.manquantes:
            return EtatDossier.A_COMPLETER
        if self.ecart_a_motiver or any(ligne.a_motiver for ligne in self.lignes):
            return EtatDossier.A_ARBITRER
        return EtatDossier.COMPLET if self.obstacles() else EtatDossier.DECIDE

    @property
    def etat_libelle(self) -> str:
        return self.situation_libelle if self.etat is EtatDossier.SANS_NOTE else self.etat.value

    def obstacles(self) -> tuple[str, ...]:
        """Pourquoi ce dossier ne peut pas être figé ; vide quand il peut l'être."""
        if self.ponctuel:
            return (f"Le candidat ne relève pas de la commission : {self.modalite}.",)
        if self.mode_a_dire:
            return ("Le référentiel ne dit pas le mode de cette épreuve : dites celui de ce candidat.",)
        return (*self.a_confirmer, *(self._obstacles() if self.a_evaluer else ()))

    def _obstacles(self) -> Iterable[str]:
        if not self.lignes:
            yield "La grille ne rattache aucune compétence à cette épreuve pour cette option."
            return
        if self.manquantes:
            yield f"Aucun niveau pour {enumeration(self.manquantes)}."
        if restantes := self.proposees:
            yield f"Niveau proposé mais non arrêté pour {enumeration(restantes)}."
        if a_motiver := [ligne.code for ligne in self.lignes if ligne.a_motiver]:
            yield f"Écart avec le niveau proposé à motiver pour {enumeration(a_motiver)}."
        if self.note_a_confirmer:
            return
        if self.note_proposee is None:
            yield "La note proposée n’est pas enregistrée."
        elif self.ecart_a_motiver:
            yield "L’écart entre la note proposée et la note calculée n’est pas motivé."

    # --- note ---------------------------------------------------------------------------------

    @property
    def brute(self) -> Decimal | None:
        """Note brute, avec deux décimales ; la valeur exacte est dans `note`."""
        return None if self.note is None or self.note.brute is None else decimale(self.note.brute)

    @property
    def calculee(self) -> Decimal | None:
        return self.note.calculee if self.note else None

    @property
    def proposable(self) -> bool:
        """La note calculée peut se proposer telle quelle : tout est arrêté, rien n'est encore proposé."""
        attend = self.note_proposee is None and not self.note_a_confirmer and not self.a_arreter
        return self.a_evaluer and attend and self.calculee is not None and not self.regle.bonus_max

    def calculee_avec(self, bonus: Fraction) -> Decimal | None:
        """Note calculée si le bonus était celui-ci."""
        if self.note is None:
            return None
        niveaux = {ligne.competence: ligne.niveau for ligne in self.note.lignes}
        return note_epreuve(self.note.bareme, niveaux, min(bonus, self.note.bareme.bonus_max)).calculee

    @property
    def texte_situation(self) -> str:
        """À quel titre le candidat est là : sa situation l'emporte sur le mode de l'épreuve dans sa voie."""
        if self.situation == "note_conservee" and self.note_conservee is not None:
            return f"{note_affichee(self.note_conservee)}, conservée (session {self.session_conservee})"
        return str(self.modalite) if self.ponctuel or self.mode_a_dire else self.situation_libelle

    @property
    def texte_note(self) -> str:
        """Ce qui s'imprime à la place de la note."""
        if not self.a_evaluer:
            return self.texte_situation
        if self.note_a_confirmer:
            return EtatDossier.A_CONFIRMER.value
        return "non arrêtée" if self.note_proposee is None else note_affichee(self.note_proposee)

    @property
    def jeton_note(self) -> str:
        proposee = None if self.note_proposee is None else Fraction(self.note_proposee)
        return jeton(proposee, self.motif_ecart, self.note_a_confirmer, ecrire(self.vu_note()))

    @property
    def jeton_propositions(self) -> str:
        """Ce que l'on accepte en acceptant les niveaux proposés."""
        return jeton(*((ligne.code, ligne.jeton) for ligne in self.lignes if not ligne.arretee))

    @property
    def jeton_observations(self) -> str:
        return jeton(self.observations, self.observations_a_confirmer, ecrire(self.vu_observations()))

    @property
    def jeton_situation(self) -> str:
        conservee = None if self.note_conservee is None else Fraction(self.note_conservee)
        return jeton(self.situation, conservee, self.session_conservee, str(self.modalite))

    # --- ce que voit qui décide (Q48) ---------------------------------------------------------

    def vu_note(self, bonus: Fraction | None = None) -> NoteVue:
        """Ce que l'on voit en proposant une note ; `bonus` : celui que l'on donne en même temps."""
        if bonus is None:
            bonus = self.note.bonus if self.note else Fraction(0)
        lignes = [CompetenceVueParLAuteur(li.code, li.poids, li.valeur, li.decision) for li in self.lignes]
        return self._note_vue(bonus, self.calculee_avec(bonus), lignes)

    def vu_observations(self) -> NoteVue:
        """Ce que l'on voit en observant : la note et ses niveaux, arrêtés ou encore proposés."""
        if not self.a_evaluer:
            return NoteVue(self.texte_situation, "", (), "", Fraction(0), None, ())
        lignes = (CompetenceVueParLAuteur(li.code, li.poids, li.valeur, "") for li in self.lignes)
        return self._note_vue(self.note.bonus if self.note else Fraction(0), self.calculee, lignes)

    def _note_vue(
        self, bonus: Fraction, calculee: Decimal | None, lignes: Iterable[CompetenceVueParLAuteur]
    ) -> NoteVue:
        regle = self.regle
        return NoteVue(
            self.texte_situation,
            regle.nom,
            regle.echelle_vue,
            regle.arrondi.libelle,
            bonus,
            calculee,
            tuple(sorted(lignes, key=lambda ligne: ligne.competence)),
        )

    # --- lecture ------------------------------------------------------------------------------

    def degre(self, valeur: int | None) -> Degre | None:
        return self.regle.echelle.degre(valeur)

    @property
    def situations_retenues(self) -> tuple[SituationCitee, ...]:
        return tuple(situation for situation in self.situations if situation.retenue)

    @property
    def autres_situations(self) -> tuple[SituationCitee, ...]:
        return tuple(situation for situation in self.situations if not situation.retenue)

    @property
    def preuves(self) -> tuple[PreuveAuDossier, ...]:
        """Toutes celles que la grille cite, portfolio compris."""
        des_situations = (preuve for situation in self.situations for preuve in situation.preuves)
        return (*des_situations, *self.portfolio)

    def ligne(self, code: str) -> LigneGrille | None:
        return next((ligne for ligne in self.lignes if ligne.code == code), None)

    # --- instantané ---------------------------------------------------------------------------

    def vers_json(self) -> str:
        return instantane.ecrire(self)

    @classmethod
    def depuis_json(cls, texte: str) -> GrilleEpreuve:
        return instantane.relire(cls, texte)


def enumeration(codes: Iterable[str]) -> str:
    """« C1, C4 et C5 »"""
    *debut, fin = tuple(codes) or ("",)
    return f"{', '.join(debut)} et {fin}" if debut else fin
