"""Les données de la démonstration : un fichier JSON par notion, dans `fixtures/demo`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from django.conf import settings

from certification.demo.donnees.commissions import Commissions
from certification.demo.donnees.lecture import Citation, Lecteur
from certification.demo.donnees.lycee import Comptes, Eleves, Lycee
from certification.demo.donnees.pfmp import Entreprises, FichesDeTuteurs, PfmpEcrites
from certification.demo.donnees.progression import Echelles, Progressions
from certification.demo.donnees.scenes import RECUL, Scene, Stage
from certification.demo.donnees.situations import Appreciations, SituationsEcrites, Traces
from certification.demo.donnees.suivi import Bilans, Portfolio
from referentiel.fichier.fautes import suggestion
from referentiel.fichier.json_situe import (
    Chemin,
    JSONDecodeError,
    Situe,
    pointeur,
)
from referentiel.fichier.lecture import SYNTAXE
from referentiel.fichier.valeurs import repetitions
from referentiel.models import Detaillee, Referentiel, Tache

DOSSIER = settings.BASE_DIR / "fixtures" / "demo"

Connus = Mapping[str, Collection[tuple[str, str]]]
"""Par notion, ce que l'on peut citer : chaque code et son option (vide : toutes)."""

NOTIONS = {
    "comptes": "aucun compte",
    "eleves": "aucun élève",
    "entreprises": "aucune entreprise",
    "situations": "aucune situation",
    "niveaux": "aucune année de formation",
    "options": "aucune option",
    "statuts": "aucun statut",
    "epreuves": "aucune épreuve",
    "taches": "aucune tâche de l’option",
    "competences": "aucune compétence",
    "detaillees": "aucune compétence détaillée de l’option",
}


class DonneesInvalides(ValueError):
    """Les fichiers ont des fautes : fichier, ligne, pointeur et phrase de chacune."""


@dataclass(frozen=True)
class Donnees:
    """Un champ par fichier, du même nom."""

    etablissement: Lycee
    comptes: Comptes
    eleves: Eleves
    situations_rsp: SituationsEcrites
    situations_rmo: SituationsEcrites
    appreciations: Appreciations
    traces: Traces
    entreprises: Entreprises
    pfmp: PfmpEcrites
    tuteurs: FichesDeTuteurs
    echelles: Echelles
    progressions: Progressions
    bilans: Bilans
    portfolio: Portfolio
    commissions: Commissions

    def stages(self, option: str) -> list[Stage]:
        return [stage for stage in self.pfmp.stages if stage.option == option]

    def scenes(self, option: str) -> list[Scene]:
        """Les situations d'une option, dans l'ordre où elles se créent."""
        ecrites = next(une for une in (self.situations_rsp, self.situations_rmo) if une.option == option)
        tuteurs = {une.nom: str(une.tuteur) for une in self.entreprises.entreprises}
        stages = [scene for stage in self.stages(option) for scene in stage.scenes(tuteurs)]
        return [*ecrites.formation, *stages, *ecrites.certification, *ecrites.en_cours]


class Fichiers:
    """Les fichiers d'un dossier, leurs lignes et ce qu'ils citent.

    `lire` rend les données ou lève `DonneesInvalides` ; `confronter` lève la même erreur pour un code
    que le référentiel ne connaît pas."""

    def __init__(self, dossier: Path = DOSSIER) -> None:
        self.dossier = dossier
        self.situes: dict[str, Situe] = {}
        self.citations: list[Citation] = []

    def lire(self) -> Donnees:
        for un in fields(Donnees):
            self.situes[un.name] = self._situer(un.name)
        lecteur = Lecteur()
        donnees = lecteur.lire(Donnees, {nom: situe.valeur for nom, situe in self.situes.items()}, ())
        self._refuser([*self._repetees(), *lecteur.fautes])
        self._refuser(_homonymes(lecteur.noms))
        self.citations = lecteur.citations
        self._citer(_nommes(lecteur.noms))
        return donnees

    def confronter(self, referentiel: Referentiel) -> None:
        self._citer(_codes(referentiel))

    def _situer(self, nom: str) -> Situe:
        try:
            return Situe((self.dossier / f"{nom}.json").read_text(encoding="utf-8"))
        except OSError as erreur:
            raise DonneesInvalides(f"{self._chemin(nom)} ne se lit pas : {erreur.strerror}.") from None
        except JSONDecodeError as erreur:
            phrase = f"ce n’est pas du JSON valide, {SYNTAXE.get(erreur.msg, 'syntaxe inattendue')}"
            ou = f"ligne {erreur.lineno}, colonne {erreur.colno}"
            raise DonneesInvalides(f"{self._chemin(nom)}, {ou} : {phrase}.") from None

    def _chemin(self, nom: str) -> str:
        return f"{self.dossier.parent.name}/{self.dossier.name}/{nom}.json"

    def _repetees(self) -> list[tuple[Chemin, str]]:
        return [
            ((nom, *chemin, cle), f"La propriété « {cle} » est donnée deux fois. Gardez-en une seule.")
            for nom, situe in self.situes.items()
            for chemin, cle, _ in repetitions(situe.valeur)
        ]

    def _citer(self, connus: Connus) -> None:
        self._refuser(
            (une.chemin, _inconnu(une, connus[une.notion]))
            for une in self.citations
            if une.notion in connus and not _connait(connus[une.notion], une)
        )

    def _refuser(self, fautes: Iterable[tuple[Chemin, str]]) -> None:
        dites = [self._dire(str(nom), chemin, phrase) for (nom, *chemin), phrase in fautes]
        if dites:
            raise DonneesInvalides("\n".join(dites))

    def _dire(self, nom: str, chemin: list[Any], phrase: str) -> str:
        ligne = self.situes[nom].ligne(chemin)
        return f"{self._chemin(nom)}, ligne {ligne}, {pointeur(chemin) or 'document'} : {phrase}"


def _nommes(noms: Iterable[Citation]) -> Connus:
    connus: dict[str, set[tuple[str, str]]] = {"niveaux": {(niveau, "") for niveau in RECUL}}
    for nom in noms:
        connus.setdefault(nom.notion, set()).add((nom.code, nom.option))
    return connus


def _homonymes(noms: Iterable[Citation]) -> Iterator[tuple[Chemin, str]]:
    vus: set[tuple[str, str]] = set()
    for nom in noms:
        if (nom.notion, nom.code) in vus:
            yield nom.chemin, f"« {nom.code} » est déjà pris. Donnez un autre nom."
        vus.add((nom.notion, nom.code))


def _codes(referentiel: Referentiel) -> Connus:
    """Les codes du référentiel ; ce qui vaut pour toutes les options n'en a pas."""
    detaillees = Detaillee.objects.filter(competence__referentiel=referentiel)
    taches = Tache.objects.filter(activite__referentiel=referentiel)
    par_option = {
        "detaillees": detaillees.values_list("code", "option__code"),
        "taches": taches.values_list("code", "option__code"),
    }
    communs = ("options", "statuts", "epreuves", "competences")
    return {
        notion: {(code, option or "") for code, option in lignes} for notion, lignes in par_option.items()
    } | {
        notion: {(code, "") for code in getattr(referentiel, notion).values_list("code", flat=True)}
        for notion in communs
    }


def _connait(codes: Collection[tuple[str, str]], citation: Citation) -> bool:
    if not citation.option:
        return citation.code in _citables(codes, citation)
    return (citation.code, "") in codes or (citation.code, citation.option) in codes


def _citables(codes: Collection[tuple[str, str]], citation: Citation) -> set[str]:
    """Les codes qu'admet l'option d'où l'on cite ; hors de toute option, tous."""
    return {code for code, option in codes if option in ("", citation.option) or not citation.option}


def _inconnu(citation: Citation, codes: Collection[tuple[str, str]]) -> str:
    proche = suggestion(citation.code, sorted(_citables(codes, citation)))
    return f"« {citation.code} » ne désigne {NOTIONS[citation.notion]}.{proche}"
