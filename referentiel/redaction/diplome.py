"""Ce qui n'a qu'une valeur dans un diplôme (intitulé, cycle, identité, règles de commission), à corriger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from referentiel.echange.plan import DIPLOME, Colonne, uniques
from referentiel.echange.tableau import FauteSituee, Ligne, Tables
from referentiel.fichier.lecture import schema
from referentiel.redaction.edition import CaseEditee, Edition, avec_source, dite

COMMISSION, IDENTITE = "commission", "identite"
TENUS = ("code", "version")
"""Ce qui dit de quel référentiel il s'agit : le changer en ferait un autre."""
LIBELLES = {
    "intitule": "Intitulé officiel",
    "semaines_pfmp": "Semaines de PFMP visées",
    "cycle": "Années du cycle, de la première à celle de la session, séparées par « ; »",
    "identite.sigle": "Sigle",
    "identite.diplome": "Diplôme",
    "identite.specialite": "Spécialité",
    "identite.niveau": "Niveau",
    "identite.duree": "Durée de la formation",
    "identite.texte_legal": "Texte légal",
    "identite.publication": "Publication au Journal officiel (AAAA-MM-JJ)",
    "identite.base_legale": "Base légale",
    "identite.premiere_session": "Première session",
    "identite.famille_metiers": "Famille de métiers de la seconde",
    "identite.poursuites": "Poursuites d’études",
    "identite.rncp.fiche": "Fiche RNCP",
    "identite.rncp.debut_parcours": "Début des parcours certifiants (AAAA-MM-JJ)",
    "identite.rncp.echeance": "Échéance de l’enregistrement (AAAA-MM-JJ)",
    "identite.certificateur.nom": "Certificateur",
    "identite.certificateur.siret": "SIRET du certificateur",
    "commission.tuteur": "Comment nommer qui suit le candidat en entreprise",
    "commission.situations.minimum": "Situations attendues en centre, au moins",
    "commission.situations.maximum": "Situations attendues en centre, au plus",
    "commission.situations.retenues": "Situations certificatives qui comptent d’office",
    "commission.mois.premier": "La commission siège d’habitude du mois (1 à 12)",
    "commission.mois.dernier": "… au mois (1 à 12)",
}
LONGUES = (
    "intitule",
    "cycle",
    "identite.texte_legal",
    "identite.base_legale",
    "identite.specialite",
    "identite.poursuites",
    "commission.tuteur",
)


@dataclass(frozen=True)
class ValeurEditee:
    """Une propriété, son libellé, et ce qui y est tapé."""

    libelle: str
    case: CaseEditee
    longue: bool

    @property
    def choix(self) -> list[tuple[str, str]]:
        return self.case.choix


class EditionDiplome:
    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.lignes: list[Ligne] = edition.tables[DIPLOME]
        self.noeuds = dict(uniques(schema()))
        self.saisies: Mapping[str, str] = {}
        self.fautes: Sequence[FauteSituee] = ()

    def lire(self, saisies: Mapping[str, str]) -> tuple[Tables, list[str]]:
        """Les tables avec ce qui a été tapé, et les propriétés changées."""
        self.saisies = saisies
        suite: list[Ligne] = []
        touches = []
        for rang, (nom, valeur) in enumerate(self.lignes):
            tapee = saisies.get(f"p{rang}", dite(valeur)).strip()
            change = nom not in TENUS and tapee != dite(valeur)
            suite.append([nom, tapee if change else valeur])
            if change:
                touches.append(nom)
        return self.edition.tables | {DIPLOME: suite}, touches

    def texte(self, tables: Tables, touches: list[str], nature: str, source: str) -> str:
        """Le document complété, la source notée pour chaque groupe touché ; `TableauInvalide` s'il a des
        fautes."""
        groupes: dict[str, list[str]] = {}
        for nom in touches:
            racine = nom.partition(".")[0]
            groupes.setdefault(IDENTITE if racine == "intitule" else racine, []).append(
                LIBELLES.get(nom, nom)
            )
        *premiers, dernier = groupes
        for groupe in premiers:
            cites = f"{source} ({', '.join(groupes[groupe])})"
            tables = tables | {"sources": [*tables["sources"], [groupe, nature, cites]]}
        return avec_source(tables, dernier, nature, source, groupes[dernier])

    @property
    def parties(self) -> list[tuple[str, list[ValeurEditee]]]:
        """Le diplôme, son identité, les règles de sa commission."""
        montrees = {
            str(nom): self._valeur(rang, nom, valeur)
            for rang, (nom, valeur) in enumerate(self.lignes)
            if nom not in TENUS
        }

        def de(racine: str) -> list[ValeurEditee]:
            return [valeur for nom, valeur in montrees.items() if nom.partition(".")[0] == racine]

        propres = [valeur for nom, valeur in montrees.items() if "." not in nom]
        return [
            ("Diplôme", propres),
            ("Règles de la commission", de(COMMISSION)),
            ("Carte d’identité", de(IDENTITE)),
        ]

    def _valeur(self, rang: int, nom: str, valeur: object) -> ValeurEditee:
        fautes = tuple(
            faute.message
            for faute in self.fautes
            if faute.place and (faute.place.feuille, faute.place.ligne) == (DIPLOME, rang)
        )
        colonne = Colonne(nom, self.noeuds[nom])
        case = CaseEditee(f"p{rang}", colonne, self.saisies.get(f"p{rang}", dite(valeur)), fautes)
        return ValeurEditee(LIBELLES.get(nom, colonne.titre), case, nom in LONGUES)

    @property
    def autres_fautes(self) -> list[FauteSituee]:
        return [faute for faute in self.fautes if not faute.place or faute.place.feuille != DIPLOME]
