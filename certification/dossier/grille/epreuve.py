"""La grille d'un candidat pour une épreuve : l'objet unique que montrent page, PDF et classeur. Module pur.

Il ne lit ni base, ni horloge, ni réglage. Figé, il s'écrit en JSON canonique et se relit à
l'identique : un dossier validé s'affiche et s'imprime par ce même code, depuis son instantané.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

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
from certification.dossier.grille.ligne import LigneGrille
from certification.dossier.grille.vu import AConfirmer, CompetenceVueParLAuteur, NoteVue
from certification.notation import Note, decimale, note_affichee, note_epreuve
from referentiel.echelle import Degre
from trpm.base import instantane
from trpm.base.concurrence import jeton
from trpm.base.instantane import ecrire

FORMAT = 1


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

    @cached_property
    def positions(self) -> tuple[LigneGrille, ...]:
        """Ce dont la commission arrête le niveau : les compétences, ou leurs critères."""
        return tuple(position for ligne in self.lignes for position in ligne.positions)

    @property
    def a_criteres(self) -> bool:
        return any(ligne.criteres for ligne in self.lignes)

    @cached_property
    def manquantes(self) -> tuple[str, ...]:
        return tuple(ligne.code for ligne in self.positions if ligne.valeur is None)

    @property
    def a_arreter(self) -> tuple[str, ...]:
        return tuple(ligne.code for ligne in self.positions if not ligne.arretee)

    @property
    def proposees(self) -> tuple[str, ...]:
        """Celles dont un niveau est proposé, et que la commission n'a jamais arrêtées."""
        return tuple(
            ligne.code
            for ligne in self.positions
            if not ligne.arretee and not ligne.a_confirmer and ligne.propose is not None
        )

    @cached_property
    def a_confirmer(self) -> tuple[str, ...]:
        """Ce que la commission avait décidé et qu'elle doit confirmer ou refaire, en mots."""
        decisions = [(f"Niveau de {ligne.code} à confirmer", ligne.a_confirmer) for ligne in self.positions]
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
        if self.ecart_a_motiver or any(ligne.a_motiver for ligne in self.positions):
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
        if a_motiver := [ligne.code for ligne in self.positions if ligne.a_motiver]:
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
        niveaux = self.note.niveaux
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
        return jeton(*((ligne.code, ligne.jeton) for ligne in self.positions if not ligne.arretee))

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
        lignes = (CompetenceVueParLAuteur(*pesee, li.decision) for li, pesee in self._pesees())
        return self._note_vue(bonus, self.calculee_avec(bonus), lignes)

    def vu_observations(self) -> NoteVue:
        """Ce que l'on voit en observant : la note et ses niveaux, arrêtés ou encore proposés."""
        if not self.a_evaluer:
            return NoteVue(self.texte_situation, "", (), "", Fraction(0), None, ())
        lignes = (CompetenceVueParLAuteur(*pesee, "") for _, pesee in self._pesees())
        return self._note_vue(self.note.bonus if self.note else Fraction(0), self.calculee, lignes)

    def _pesees(self) -> Iterator[tuple[LigneGrille, tuple[str, Fraction, int | None]]]:
        """Chaque position avec son code, son poids, son niveau ; et une compétence qui a des critères, avec
        son poids, sans niveau ni décision à elle."""
        for ligne in self.lignes:
            if ligne.criteres:
                yield replace(ligne, criteres=()), (ligne.code, ligne.poids, None)
            yield from ((une, (une.code, une.poids, une.niveau_compte)) for une in ligne.positions)

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

    def degre(self, valeur: int | Fraction | None) -> Degre | None:
        """Le niveau de cette valeur ; pour une moyenne de critères, le plus proche, à égalité le plus bas."""
        echelle = self.regle.echelle
        if not isinstance(valeur, Fraction):
            return echelle.degre(valeur)
        return min(echelle.degres, key=lambda une: (abs(une.valeur - valeur), une.valeur), default=None)

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
        """Une compétence ou un critère, par son code."""
        toutes = (*self.lignes, *self.positions)
        return next((ligne for ligne in toutes if ligne.code == code), None)

    def competence_de(self, code: str) -> LigneGrille | None:
        """La compétence de ce code, ou celle du critère de ce code."""
        return {une.code: ligne for ligne in self.lignes for une in (ligne, *ligne.criteres)}.get(code)

    @property
    def diplome(self) -> str:
        """Le diplôme et l'option du candidat ; un diplôme sans options n'en dit aucune."""
        option = f", option {self.candidat.option_intitule} ({self.candidat.option})"
        return f"{self.regle.diplome}{option if self.candidat.option else ''}"

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
