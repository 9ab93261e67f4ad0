"""Ce qu'un dossier cite, tel que c'était : l'établissement, la commission, le candidat, l'épreuve, la règle,
les situations. Module pur.

Ces objets s'écrivent dans l'instantané d'un dossier figé ; un champ ajouté ensuite y est facultatif.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from livret.situation.rubrique import Rubrique
from referentiel.arrondi import Arrondi
from referentiel.echelle import Echelle
from referentiel.reglement.commission import MOIS, PROFESSIONNEL, PieceDeDossier, ReglesCommission
from trpm.base import instantane


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
        return self.qualite == PROFESSIONNEL


@dataclass(frozen=True)
class CommissionCitee:
    intitule: str
    session: int
    date: datetime.date
    lieu: str
    membres: tuple[MembreCite, ...]
    pieces: tuple[PieceDeDossier, ...] = field(default=(), metadata=instantane.FACULTATIF)
    tuteur: str = field(default="", metadata=instantane.FACULTATIF)

    @property
    def tuteur_dit(self) -> str:
        return self.tuteur or "tuteur"

    @property
    def professionnel_absent(self) -> bool:
        """« L'absence de ce dernier ne peut en aucun cas invalider le déroulement » : on le constate."""
        professionnels = [membre for membre in self.membres if membre.professionnel]
        return all(membre.present is False for membre in professionnels)

    @property
    def presences_a_noter(self) -> tuple[str, ...]:
        """Ceux dont on ne sait pas s'ils étaient là."""
        return tuple(membre.nom for membre in self.membres if membre.present is None)

    def conseils(self, regles: ReglesCommission, epreuve: str) -> tuple[str, ...]:
        """Ce qu'il vaut mieux vérifier (Q28, Q30) ; rien de cela n'empêche de statuer."""
        siegent = {membre.qualite for membre in self.membres}
        conseils = [
            f"Aucun {qualite.attendue} n’est inscrit parmi les membres : le texte le nomme, "
            "pensez à vérifier la liste."
            for qualite in regles.qualites
            if qualite.manque(epreuve) and qualite.code not in siegent
        ]
        if regles.mois and not self._siege_en(*regles.mois):
            premier, dernier = (MOIS[mois - 1] for mois in regles.mois)
            periode = "le dernier trimestre habituel" if regles.trimestre else "la période habituelle"
            conseils.append(
                f"La date de la commission n’est pas dans {periode}, {_de(premier)} à {dernier} de "
                f"l’année {self.session} : pensez à la vérifier."
            )
        return tuple(conseils)

    def _siege_en(self, premier: int, dernier: int) -> bool:
        return premier <= self.date.month <= dernier and self.date.year == self.session


def _de(mois: str) -> str:
    return f"d’{mois}" if mois[0] in "aoé" else f"de {mois}"


@dataclass(frozen=True)
class CandidatCite:
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
    """Mode de l'épreuve pour la voie du candidat, lu dans la table du référentiel.

    `inconnue` : le référentiel n'en dit rien, et personne ne l'a encore dit pour ce candidat (Q50).
    `dite` : quelqu'un l'a dit.
    """

    ccf: bool
    forme: str
    duree: str
    inconnue: bool = field(default=False, metadata=instantane.FACULTATIF)
    dite: bool = field(default=False, metadata=instantane.FACULTATIF)

    @property
    def a_dire(self) -> bool:
        """Le référentiel se tait : c'est au candidat que le mode se dit."""
        return self.inconnue or self.dite

    def __str__(self) -> str:
        if self.inconnue:
            return "mode d’évaluation à dire"
        if self.ccf:
            return "contrôle en cours de formation"
        if not self.forme and not self.dite:
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

    @property
    def nom(self) -> str:
        return f"{self.referentiel} {self.referentiel_version}, {self.version}"

    @property
    def echelle_vue(self) -> tuple[tuple[str, int], ...]:
        """Codes et valeurs des niveaux : ce qui compte ; un libellé peut changer."""
        return tuple((degre.code, degre.valeur) for degre in self.echelle.degres)


@dataclass(frozen=True)
class DetailleeConstatee:
    code: str
    intitule: str
    valeur: int | None
    mention: str


@dataclass(frozen=True)
class CompetenceConstatee:
    """Une compétence dans la fiche d'évaluation d'une situation.

    `origine` : le niveau tel qu'il a été donné, quand c'est dans une autre échelle.
    """

    code: str
    intitule: str
    valeur: int | None
    mention: str
    detaillees: tuple[DetailleeConstatee, ...]
    origine: str = field(default="", metadata=instantane.FACULTATIF)


@dataclass(frozen=True)
class PreuveAuDossier:
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
    preuves: tuple[PreuveAuDossier, ...] = field(default=(), metadata=instantane.FACULTATIF)
    moyens: tuple[str, ...] = field(default=(), metadata=instantane.FACULTATIF)
    inventaire: tuple[Rubrique, ...] = field(default=(), metadata=instantane.FACULTATIF)

    @property
    def rubriques(self) -> tuple[Rubrique, ...]:
        """L'inventaire ; un dossier figé avant les rubriques le porte d'un seul tenant dans `moyens`."""
        return self.inventaire or ((Rubrique("", self.moyens),) if self.moyens else ())
