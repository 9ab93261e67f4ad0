"""L'export XML de SIECLE, ElevesSansAdresses ou ElevesAvecAdresses, zippé ou non.

Aucune définition de type ni entité n'est admise (defusedxml) : elles se déplient sans fin.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import IO, Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from livret.administration.lecture.cellules import Cellule, propre_cellule
from livret.administration.lecture.classeurs import verifier_archive
from livret.administration.lecture.resultat import FichierIllisible
from livret.administration.lecture.table import LIGNES_MAX, Table, trop_de_lignes, trop_lourd

# Entre deux élèves, ou pour toutes les adresses d'un établissement ; au-delà, ce n'est pas une liste.
NOEUDS_MAX = 100_000
ABIMEE = "Cette archive est abîmée\xa0: téléchargez-la à nouveau."
INTITULES = ("Nom de famille", "Prénom", "Date de naissance", "INE", "Division", "Date de sortie")
PAS_SIECLE = (
    "Ce fichier XML n’est pas un export d’élèves de SIECLE (ElevesSansAdresses.xml)\xa0: exportez la liste "
    "à nouveau."
)


class Flux:
    """Le fichier, lu au fil de l'analyse ; un morceau entier sans balise n'est pas d'une liste."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source

    def read(self, nombre: int = -1, /) -> bytes:
        lu = self.source.read(nombre)
        if len(lu) == nombre and b"<" not in lu:
            raise trop_lourd()
        return lu


@dataclass(frozen=True)
class ExportXml:
    """Un export XML que l'on sait lire."""

    logiciel: str
    racine: str
    table: Callable[[IO[bytes]], Table]


def enregistrements(
    source: IO[bytes], balises: Collection[str], logiciel: str, racine: str, refus: str
) -> Iterator[Any]:
    """Les nœuds de ces balises, chacun rendu une fois, puis vidé ; le fichier n'est jamais tenu en entier."""
    derniere, suite = "", 0
    try:
        for moment, noeud in ElementTree.iterparse(Flux(source), events=("start", "end"), forbid_dtd=True):
            if moment == "start":
                suite += 1
                if suite > NOEUDS_MAX:
                    raise trop_lourd()
                continue
            derniere = noeud.tag
            if derniere in balises:
                yield noeud
                noeud.clear()
                suite = 0
    except DefusedXmlException:
        raise FichierIllisible(
            f"Ce fichier XML définit ses propres entités, {logiciel} n’en écrit pas\xa0: il est refusé."
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise FichierIllisible(ABIMEE) from None
    except (ElementTree.ParseError, ValueError, LookupError):
        raise FichierIllisible(
            f"Ce fichier XML est abîmé\xa0: exportez-le à nouveau depuis {logiciel}."
        ) from None
    if derniere != racine:
        raise FichierIllisible(refus)


def table_siecle(source: IO[bytes]) -> Table:
    eleves: dict[str, list[Cellule]] = {}
    divisions: dict[str, list[str]] = {}
    for noeud in enregistrements(source, ("ELEVE", "STRUCTURES_ELEVE"), "SIECLE", "BEE_ELEVES", PAS_SIECLE):
        if noeud.tag == "ELEVE":
            eleves[noeud.get("ELEVE_ID", str(len(eleves)))] = _eleve(noeud)
        else:
            divisions[noeud.get("ELEVE_ID", str(len(divisions)))] = _divisions(noeud)
        if max(len(eleves), len(divisions)) > LIGNES_MAX:
            raise trop_de_lignes()
    if not eleves:
        raise FichierIllisible("Cet export de SIECLE ne contient aucun élève\xa0: exportez-le à nouveau.")
    for identifiant, cellules in eleves.items():
        cellules[4] = ", ".join(divisions.get(identifiant, []))
    return Table(rangs=[(1, list(INTITULES)), *enumerate(eleves.values(), start=2)], balises=True)


SIECLE = ExportXml("SIECLE", "BEE_ELEVES", table_siecle)


def xml_zippe(contenu: bytes, logiciel: str) -> IO[bytes]:
    """Le seul fichier XML d'une archive, ouvert : il se déplie à mesure qu'il se lit."""
    entrees = [un for un in verifier_archive(contenu) if un.filename.lower().endswith(".xml")]
    if len(entrees) != 1:
        raise FichierIllisible(
            f"Cette archive n’est ni un classeur ni un export {logiciel}\xa0: décompressez-la et envoyez la "
            "liste."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
            return archive.open(entrees[0])
    except Exception:  # une archive abîmée lève à peu près n'importe quoi
        raise FichierIllisible(ABIMEE) from None


def texte_de(noeud: Any, *noms: str) -> str:
    return next((lu for nom in noms if (lu := propre_cellule(noeud.findtext(nom) or ""))), "")


def _eleve(noeud: Any) -> list[Cellule]:
    return [
        texte_de(noeud, "NOM_DE_FAMILLE", "NOM", "NOM_USAGE"),
        texte_de(noeud, "PRENOM", "PRENOM1"),
        texte_de(noeud, "DATE_NAISS", "DATE_NAISSANCE"),
        texte_de(noeud, "INE_RNIE", "ID_NATIONAL", "INE_BEA"),
        "",
        texte_de(noeud, "DATE_SORTIE"),
    ]


def _divisions(noeud: Any) -> list[str]:
    """La division (D) ; les groupes (G) n'en sont pas."""
    return [
        texte_de(structure, "CODE_STRUCTURE")
        for structure in noeud.iter("STRUCTURE")
        if texte_de(structure, "TYPE_STRUCTURE") in ("D", "")
    ]
