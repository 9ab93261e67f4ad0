"""Composer une nouvelle version de grille à côté des autres, à partir de l'une d'elles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referentiel.echange.plan import feuilles
from referentiel.echange.tableau import Ligne, Tables
from referentiel.redaction.edition import SYMBOLES, Edition, avec_source, dite

NIVEAUX = 6
"""Niveaux qu'une nouvelle échelle peut recevoir ici."""
AJOUTS = 5
"""Compétences que l'on peut rattacher en plus à une épreuve."""


@dataclass(frozen=True)
class PoidsCompose:
    nom: str
    epreuve: str
    option: str
    competence: str
    valeur: str
    gardee: bool


class CompositionGrille:
    """La grille de départ, et ce que l'on en change ; ses autres réglages sont repris tels quels."""

    def __init__(self, edition: Edition, base: str = "") -> None:
        self.edition = edition
        self.saisies: Mapping[str, str] = {}
        self.colonnes = [colonne.nom for colonne in feuilles()["grilles"].colonnes]
        grilles = [self._lue(ligne) for ligne in edition.tables["grilles"]]
        self.versions = [grille["version"] for grille in grilles]
        self.grille = next((grille for grille in grilles if grille["version"] == base), grilles[-1])
        self.base = self.grille["version"]

    def _lue(self, ligne: Ligne) -> dict[str, Any]:
        return dict(zip(self.colonnes, ligne, strict=True))

    def echelles(self) -> list[tuple[str, str]]:
        return [(str(code), str(intitule)) for code, intitule, *_ in self.edition.tables["echelles"]]

    def initial(self) -> dict[str, Any]:
        repris = ("intitule", "echelle", "arrondi", "bonus_max", "seuil_couverture", "mention_ponderation")
        return {nom: dite(self.grille[nom]) for nom in repris}

    def poids(self) -> list[PoidsCompose]:
        lignes = [ligne for ligne in self.edition.tables["poids"] if ligne[0] == self.base]
        return [
            PoidsCompose(
                f"p{rang}",
                str(epreuve),
                dite(option),
                str(competence),
                self.saisies.get(f"p{rang}", dite(valeur)),
                not self.saisies or f"p{rang}-garder" in self.saisies,
            )
            for rang, (_, epreuve, option, competence, valeur) in enumerate(lignes)
        ]

    def ajouts(self) -> list[dict[str, str]]:
        noms = ("epreuve", "option", "competence", "valeur")
        return [
            {"nom": f"a{rang}"} | {nom: self.saisies.get(f"a{rang}-{nom}", "").strip() for nom in noms}
            for rang in range(AJOUTS)
        ]

    def niveaux(self) -> list[dict[str, Any]]:
        noms = ("code", "valeur", "libelle", "symbole")
        return [
            {"nom": f"v{rang}"} | {nom: self.saisies.get(f"v{rang}-{nom}", "").strip() for nom in noms}
            for rang in range(NIVEAUX)
        ]

    @property
    def symboles(self) -> dict[str, str]:
        return SYMBOLES

    @property
    def epreuves(self) -> list[str]:
        return [str(ligne[0]) for ligne in self.edition.tables["epreuves"]]

    @property
    def options(self) -> list[str]:
        return [str(ligne[0]) for ligne in self.edition.tables["options"]]

    @property
    def competences(self) -> list[str]:
        return [str(ligne[0]) for ligne in self.edition.tables["competences"]]

    def texte(self, reglages: Mapping[str, Any]) -> str:
        """Le document complété ; `TableauInvalide` s'il a des fautes."""
        tables = dict(self.edition.tables)
        version = reglages["version"]
        grille = self.grille | {nom: reglages[nom] for nom in self.colonnes if nom in reglages}
        if code := reglages["nouvelle_echelle"]:
            tables = self._avec_echelle(tables, code, reglages["intitule_echelle"])
            grille["echelle"] = code
        tables["grilles"] = [*tables["grilles"], [grille[nom] for nom in self.colonnes]]
        for nom, feuille in feuilles().items():
            if "grilles" in feuille.racines and nom != "poids":
                tables[nom] = tables[nom] + self._repris(tables[nom], version)
        tables["poids"] = tables["poids"] + self._poids_composes(version)
        return avec_source(tables, "grilles", reglages["nature"], reglages["source"], [version])

    def _avec_echelle(self, tables: Tables, code: str, intitule: str) -> Tables:
        niveaux = [
            [code, ligne["code"], ligne["valeur"], ligne["libelle"], ligne["symbole"]]
            for ligne in self.niveaux()
            if ligne["code"] or ligne["libelle"] or ligne["valeur"]
        ]
        return tables | {
            "echelles": [*tables["echelles"], [code, intitule]],
            "niveaux": tables["niveaux"] + niveaux,
        }

    def _repris(self, lignes: list[Ligne], version: str) -> list[Ligne]:
        """Ce qui dépend de la grille de départ, repris sous la nouvelle."""
        return [
            [f"{version}{str(ligne[0])[len(self.base) :]}", *ligne[1:]]
            for ligne in lignes
            if str(ligne[0]).partition("/")[0] == self.base
        ]

    def _poids_composes(self, version: str) -> list[Ligne]:
        gardes = [
            [version, ligne.epreuve, ligne.option, ligne.competence, ligne.valeur.strip()]
            for ligne in self.poids()
            if ligne.gardee
        ]
        ajoutes = [
            [version, ligne["epreuve"], ligne["option"], ligne["competence"], ligne["valeur"]]
            for ligne in self.ajouts()
            if ligne["epreuve"] or ligne["competence"]
        ]
        return gardes + ajoutes
