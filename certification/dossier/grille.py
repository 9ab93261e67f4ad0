"""La grille d'un candidat pour une épreuve : l'objet unique que montrent la page, le PDF et le classeur.

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

from certification.notation import Note, decimale, note_affichee, note_epreuve
from livret.niveaux import Preuve, meilleure
from livret.situation.rubrique import Rubrique
from referentiel.arrondi import Arrondi
from referentiel.echelle import Degre, Echelle
from trpm import instantane
from trpm.concurrence import jeton

FORMAT = 1
NON_DEMONTREE = "ND"


@dataclass(frozen=True)
class EtablissementCite:
    nom: str
    uai: str
    ville: str
    academie: str


@dataclass(frozen=True)
class MembreCite:
    nom: str
    qualite: str
    qualite_libelle: str
    present: bool | None

    @property
    def professionnel(self) -> bool:
        return self.qualite == "professionnel"


@dataclass(frozen=True)
class CommissionCitee:
    intitule: str
    session: int
    date: datetime.date
    lieu: str
    membres: tuple[MembreCite, ...]

    @property
    def professionnel_absent(self) -> bool:
        """« L'absence de ce dernier ne peut en aucun cas invalider le déroulement » : on le constate."""
        professionnels = [membre for membre in self.membres if membre.professionnel]
        return all(membre.present is False for membre in professionnels)

    def conseils(self) -> tuple[str, ...]:
        """Ce qu'il vaut mieux vérifier (Q28, Q30) ; rien de cela n'empêche de statuer."""
        conseils = []
        if not any(membre.qualite == "construction" for membre in self.membres):
            conseils.append(
                "Aucun professeur de génie mécanique construction n’est inscrit parmi les membres : "
                "le texte le nomme, pensez à vérifier la liste."
            )
        if not 4 <= self.date.month <= 6 or self.date.year != self.session:
            conseils.append(
                "La date de la commission n’est pas dans le dernier trimestre habituel, d’avril à juin de "
                f"l’année {self.session} : pensez à la vérifier."
            )
        return tuple(conseils)


@dataclass(frozen=True)
class Candidat:
    nom: str
    prenom: str
    naissance: datetime.date | None
    numero: str
    option: str
    option_intitule: str
    statut: str
    voie: str

    def __str__(self) -> str:
        return f"{self.nom} {self.prenom}"


@dataclass(frozen=True)
class Cite:
    """Un élément du référentiel, tel qu'il était : son code et son intitulé officiel."""

    code: str
    intitule: str


@dataclass(frozen=True)
class EpreuveCitee:
    code: str
    intitule: str
    unite: str
    coefficient: Decimal | None
    activites: tuple[Cite, ...]


@dataclass(frozen=True)
class ModaliteCitee:
    """Mode de l'épreuve pour la voie du candidat, lu dans la table du référentiel."""

    ccf: bool
    forme: str
    duree: str

    def __str__(self) -> str:
        if self.ccf:
            return "contrôle en cours de formation"
        if not self.forme:
            return "épreuve non proposée dans cette voie"
        forme = self.forme.removeprefix("ponctuel").strip()
        details = ", ".join(filter(None, [forme, self.duree]))
        return f"épreuve ponctuelle ({details})" if details else "épreuve ponctuelle"


@dataclass(frozen=True)
class RegleCitee:
    """Version de grille appliquée, et le référentiel dont elle vient."""

    referentiel: str
    referentiel_version: str
    diplome: str
    version: str
    intitule: str
    echelle: Echelle
    arrondi: Arrondi
    bonus_max: Fraction
    seuil_couverture: int
    mention_ponderation: str


@dataclass(frozen=True)
class LigneGrille:
    """Une compétence : ses preuves, le niveau proposé, le niveau arrêté.

    `preuves` ne porte que des niveaux de l'échelle de la grille ; ceux d'une autre échelle sont
    dans `hors_echelle`, montrés et jamais comptés.
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

    def code_arrete(self, echelle: Echelle) -> str:
        """Code à montrer coché : celui du niveau, « ND », ou rien."""
        if self.non_demontree:
            return NON_DEMONTREE
        degre = echelle.degre(self.niveau_arrete)
        return degre.code if degre else ""

    @property
    def jeton(self) -> str:
        return jeton(self.non_demontree, self.niveau_arrete, self.motif)


@dataclass(frozen=True)
class DetailleeConstatee:
    code: str
    intitule: str
    valeur: int | None
    mention: str


@dataclass(frozen=True)
class CompetenceConstatee:
    """Une compétence dans la fiche d'évaluation d'une situation."""

    code: str
    intitule: str
    valeur: int | None
    mention: str
    detaillees: tuple[DetailleeConstatee, ...]


@dataclass(frozen=True)
class PreuveCitee:
    """Une preuve cochée pour le dossier, par l'équipe ou, dans le portfolio, par le candidat ; `empreinte`
    dit quel fichier c'était, `cadre` la situation ou la PFMP d'où vient une pièce du portfolio."""

    trace: int
    case: str
    texte: str
    nom: str
    image: bool
    taille: int
    empreinte: str
    auteur: str
    date: datetime.date
    cadre: str = field(default="", metadata=instantane.FACULTATIF)


@dataclass(frozen=True)
class SituationCitee:
    """Situation d'évaluation telle que le candidat l'a vécue ; matière des pièces du dossier."""

    intitule: str
    nature: str
    lieu: str
    en_centre: bool
    debut: datetime.date
    fin: datetime.date
    retenue: bool
    motif_retenue: str
    publiee: bool
    description: str
    taches: tuple[Cite, ...]
    evaluateur: str
    tuteur: str
    constats: tuple[CompetenceConstatee, ...]
    commentaire: str
    preuves: tuple[PreuveCitee, ...] = field(default=(), metadata=instantane.FACULTATIF)
    moyens: tuple[str, ...] = field(default=(), metadata=instantane.FACULTATIF)
    inventaire: tuple[Rubrique, ...] = field(default=(), metadata=instantane.FACULTATIF)

    @property
    def rubriques(self) -> tuple[Rubrique, ...]:
        """L'inventaire ; un dossier figé avant les rubriques le porte d'un seul tenant dans `moyens`."""
        return self.inventaire or ((Rubrique("", self.moyens),) if self.moyens else ())


class Etat(StrEnum):
    A_COMPLETER = "à compléter"
    COMPLET = "complet"
    A_ARBITRER = "à arbitrer"
    DECIDE = "décidé"
    PONCTUEL = "ponctuel"
    SANS_NOTE = "sans note"


@dataclass(frozen=True)
class GrilleEpreuve:
    """Tout ce qui établit la note d'un candidat à une épreuve."""

    etablissement: EtablissementCite
    commission: CommissionCitee
    candidat: Candidat
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
    portfolio: tuple[PreuveCitee, ...] = field(default=(), metadata=instantane.FACULTATIF)
    format: int = field(default=FORMAT)

    # --- état ---------------------------------------------------------------------------------

    @property
    def a_evaluer(self) -> bool:
        return self.modalite.ccf and self.situation == "a_evaluer"

    @property
    def manquantes(self) -> tuple[str, ...]:
        return tuple(ligne.code for ligne in self.lignes if ligne.valeur is None)

    @property
    def a_arreter(self) -> tuple[str, ...]:
        return tuple(ligne.code for ligne in self.lignes if not ligne.arretee)

    @property
    def ecart_a_motiver(self) -> bool:
        return self.note_proposee is not None and self.ecart and not self.motif_ecart

    @property
    def ecart(self) -> bool:
        """La note proposée n'est pas la note calculée."""
        return self.note_proposee is not None and self.note_proposee != self.calculee

    @property
    def etat(self) -> Etat:
        if not self.modalite.ccf:
            return Etat.PONCTUEL
        if self.situation != "a_evaluer":
            return Etat.SANS_NOTE
        if self.manquantes:
            return Etat.A_COMPLETER
        if self.ecart_a_motiver or any(ligne.a_motiver for ligne in self.lignes):
            return Etat.A_ARBITRER
        return Etat.COMPLET if self.obstacles() else Etat.DECIDE

    @property
    def etat_libelle(self) -> str:
        return self.situation_libelle if self.etat is Etat.SANS_NOTE else self.etat.value

    def obstacles(self) -> tuple[str, ...]:
        """Pourquoi ce dossier ne peut pas être figé ; vide quand il peut l'être."""
        if not self.modalite.ccf:
            return (f"Le candidat ne relève pas de la commission : {self.modalite}.",)
        if self.situation != "a_evaluer":
            return ()
        return tuple(self._obstacles())

    def _obstacles(self) -> Iterable[str]:
        if not self.lignes:
            yield "La grille ne rattache aucune compétence à cette épreuve pour cette option."
            return
        if self.manquantes:
            yield f"Aucun niveau pour {enumeration(self.manquantes)}."
        if restantes := [code for code in self.a_arreter if code not in self.manquantes]:
            yield f"Niveau proposé mais non arrêté pour {enumeration(restantes)}."
        if a_motiver := [ligne.code for ligne in self.lignes if ligne.a_motiver]:
            yield f"Écart avec le niveau proposé à motiver pour {enumeration(a_motiver)}."
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

    def calculee_avec(self, bonus: Fraction) -> Decimal | None:
        """Note calculée si le bonus était celui-ci."""
        if self.note is None:
            return None
        niveaux = {ligne.competence: ligne.niveau for ligne in self.note.lignes}
        return note_epreuve(self.note.bareme, niveaux, min(bonus, self.note.bareme.bonus_max)).calculee

    @property
    def texte_note(self) -> str:
        """Ce qui s'imprime à la place de la note."""
        if not self.modalite.ccf:
            return str(self.modalite)
        if self.situation == "note_conservee" and self.note_conservee is not None:
            return f"{note_affichee(self.note_conservee)}, conservée (session {self.session_conservee})"
        if self.situation != "a_evaluer":
            return self.situation_libelle
        return "non arrêtée" if self.note_proposee is None else note_affichee(self.note_proposee)

    @property
    def jeton_note(self) -> str:
        bonus = self.note.bonus if self.note else Fraction(0)
        return jeton(
            *(None if valeur is None else Fraction(valeur) for valeur in (self.note_proposee, self.calculee)),
            bonus,
            self.motif_ecart,
        )

    @property
    def jeton_propositions(self) -> str:
        """Ce que l'on accepte en acceptant les niveaux proposés."""
        return jeton(*((ligne.code, ligne.propose) for ligne in self.lignes if not ligne.arretee))

    @property
    def jeton_observations(self) -> str:
        return jeton(self.observations)

    @property
    def jeton_situation(self) -> str:
        conservee = None if self.note_conservee is None else Fraction(self.note_conservee)
        return jeton(self.situation, conservee, self.session_conservee)

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
    def preuves(self) -> tuple[PreuveCitee, ...]:
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


def conseils(
    commission: CommissionCitee,
    lignes: Iterable[LigneGrille],
    situations: Iterable[SituationCitee],
    seuil_couverture: int,
) -> tuple[str, ...]:
    """Ce que la commission gagne à vérifier (Q8, Q10, Q11, Q28, Q30). Des conseils, jamais des règles."""
    en_centre = [situation for situation in situations if situation.retenue and situation.en_centre]
    textes = []
    if not 2 <= len(en_centre) <= 3:
        combien = {0: "Aucune situation retenue", 1: "Une seule situation retenue"}.get(
            len(en_centre), f"{len(en_centre)} situations retenues"
        )
        textes.append(f"{combien} en centre de formation : deux à trois sont attendues pour l’épreuve.")
    for situation in situations:
        if situation.retenue and not situation.publiee:
            textes.append(
                f"La situation « {situation.intitule} » est retenue, mais elle n’est pas encore publiée."
            )
    for ligne in lignes:
        textes += _conseils_ligne(ligne, seuil_couverture)
    return (*textes, *commission.conseils())


def _conseils_ligne(ligne: LigneGrille, seuil: int) -> Iterable[str]:
    if not ligne.retenues and not ligne.arretee:
        yield f"{ligne.code} n’est évaluée dans aucune situation retenue."
    elif ligne.detaillees_visees and ligne.detaillees_observees * 100 < seuil * ligne.detaillees_visees:
        yield (
            f"{ligne.code} : {ligne.detaillees_observees} compétences détaillées observées sur "
            f"{ligne.detaillees_visees} dans les situations retenues (repère de la grille : {seuil} %)."
        )
    if ligne.hors_echelle:
        yield f"{ligne.code} : un niveau saisi dans une autre échelle n’est pas pris en compte."


def enumeration(codes: Iterable[str]) -> str:
    """« C1, C4 et C5 »"""
    *debut, fin = tuple(codes) or ("",)
    return f"{', '.join(debut)} et {fin}" if debut else fin
