"""Ce que le règlement d'examen dit de la commission, tel que le fichier le donne. Module pur.

Rien n'est obligatoire : ce qu'un référentiel tait n'est pas conseillé. Aucune règle n'empêche de statuer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referentiel.reglement.tuteur import MotTuteur

PROFESSIONNEL, PRESIDENT = "professionnel", "president"
"""Deux codes que l'application connaît : celui dont l'absence s'imprime sans effet, celui qui convoque."""
SESSION, CYCLE = "session", "cycle"
MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True)
class QualiteDeMembre:
    """À quel titre on siège ; `attendue` : comment nommer qui manque si personne ne siège à ce titre."""

    code: str
    intitule: str
    attendue: str = ""
    epreuves: tuple[str, ...] = ()

    def manque(self, epreuve: str) -> bool:
        """Son absence se dit pour cette épreuve."""
        return bool(self.attendue) and (not self.epreuves or epreuve in self.epreuves)


@dataclass(frozen=True)
class PieceDeDossier:
    """Une pièce du dossier : son intitulé au sommaire, le titre de sa page ; `{competences}` s'y remplace."""

    intitule: str
    titre: str


@dataclass(frozen=True)
class ReglesCommission:
    qualites: tuple[QualiteDeMembre, ...]
    pieces: tuple[PieceDeDossier, ...]
    minimum: int | None = None
    maximum: int | None = None
    retenues: str = SESSION
    mois: tuple[int, int] | None = None
    tuteur: str = "tuteur"

    @classmethod
    def des(cls, brut: Mapping[str, Any]) -> ReglesCommission:
        situations, mois = brut.get("situations", {}), brut.get("mois", {})
        return cls(
            tuple(_qualite(une) for une in brut.get("qualites", ())) or QUALITES,
            tuple(PieceDeDossier(une["intitule"], une["titre"]) for une in brut.get("pieces", ())) or PIECES,
            situations.get("minimum"),
            situations.get("maximum"),
            situations.get("retenues", SESSION),
            (mois["premier"], mois["dernier"]) if mois else None,
            brut.get("tuteur", "tuteur"),
        )

    @property
    def mot_tuteur(self) -> MotTuteur:
        return MotTuteur(self.tuteur)

    def qualite(self, code: str) -> str:
        """Le nom d'une qualité ; son code si le référentiel ne la donne plus."""
        return next((une.intitule for une in self.qualites if une.code == code), code)

    @property
    def attendues(self) -> str:
        """« deux à trois sont attendues », « trois au plus sont attendues », « une est attendue »."""
        moins, plus = self.minimum or 0, self.maximum or 0
        if moins and plus:
            dites = nombre(moins) if moins == plus else f"{nombre(moins)} à {nombre(plus)}"
        else:
            dites = f"{nombre(moins or plus)} au {'moins' if moins else 'plus'}"
        return f"{dites} sont attendues" if max(moins, plus) > 1 else f"{dites} est attendue"

    @property
    def trimestre(self) -> bool:
        return self.mois is not None and self.mois[1] - self.mois[0] == 2

    def en_nombre(self, situations: int) -> bool:
        return (self.minimum or 0) <= situations and (self.maximum is None or situations <= self.maximum)


def nombre(valeur: int) -> str:
    noms = ("zéro", "une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
    return noms[valeur] if valeur < len(noms) else str(valeur)


def _qualite(brute: Mapping[str, Any]) -> QualiteDeMembre:
    return QualiteDeMembre(
        brute["code"], brute["intitule"], brute.get("attendue", ""), tuple(brute.get("epreuves", ()))
    )


QUALITES = (
    QualiteDeMembre("enseignant", "enseignant du domaine professionnel"),
    QualiteDeMembre(PROFESSIONNEL, "représentant du monde professionnel"),
    QualiteDeMembre(PRESIDENT, "chef de centre ou son représentant"),
)
PIECES = (
    PieceDeDossier(
        "le document descriptif des situations d’évaluation et des activités menées par le candidat",
        "Document descriptif des situations d’évaluation et des activités menées par le candidat",
    ),
    PieceDeDossier(
        "l’inventaire des documents, des matériels et outils ou moyens numériques mis à la disposition du "
        "candidat pour l’évaluation des compétences",
        "Inventaire des documents, des matériels et outils ou moyens numériques mis à la disposition du "
        "candidat pour l’évaluation des compétences",
    ),
    PieceDeDossier(
        "la ou les fiches d’évaluation du travail réalisé, renseignées pour les compétences {competences} "
        "pour chacune des situations d’évaluation mises en œuvre",
        "Fiches d’évaluation du travail réalisé, renseignées pour les compétences {competences}",
    ),
    PieceDeDossier("la synthèse des compétences démontrées", "Synthèse des compétences démontrées"),
)
