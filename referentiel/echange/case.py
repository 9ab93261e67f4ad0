"""Un référentiel au format CASE 1.1 de 1EdTech, et l'inverse. Module pur.

Formes : « Competencies and Academic Standards Exchange, version 1.1 » (CFDocument, CFPackage, CFItem,
CFAssociation). Les identifiants se déduisent du diplôme et de ses codes : ils ne changent pas d'une fois à
l'autre, ni d'un serveur à l'autre.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

CHEMIN = "/ims/case/v1p1"
TYPES = {
    "competence": "Compétence",
    "detaillee": "Compétence détaillée",
    "indicateur": "Indicateur de performance",
    "savoir": "Savoir associé",
    "activite": "Activité",
    "tache": "Tâche",
}
INCONNU = "non précisé"


@dataclass(frozen=True)
class Piece:
    """Un élément, son type, l'élément dont il dépend (aucun : le document), son rang parmi les siens."""

    cle: str
    type: str
    code: str
    intitule: str
    parent: str
    rang: int
    libelle: str = ""
    option: str = ""
    lies: tuple[str, ...] = ()


def pieces(document: Mapping[str, Any]) -> Iterator[Piece]:
    for rang, competence in enumerate(document["competences"], start=1):
        yield from _competence(competence, "competence", "", rang, "competence")
    for rang, activite in enumerate(document.get("activites", []), start=1):
        cle = f"activite/{activite['code']}"
        lies = tuple(f"competence/{code}" for code in activite.get("competences", []))
        yield Piece(cle, "activite", activite["code"], activite["intitule"], "", rang, lies=lies)
        for place, tache in enumerate(activite.get("taches", []), start=1):
            yield _piece(tache, "tache", cle, place)
    for rang, savoir in enumerate(document.get("savoirs", []), start=1):
        lies = tuple(f"competence/{code}" for code in savoir.get("competences", []))
        yield Piece(
            f"savoir/{savoir['code']}", "savoir", savoir["code"], savoir["intitule"], "", rang, lies=lies
        )


def _competence(
    element: Mapping[str, Any], genre: str, parent: str, rang: int, prefixe: str
) -> Iterator[Piece]:
    piece = _piece(element, genre, parent, rang, prefixe)
    yield piece
    place = 0
    for detaillee in element.get("detaillees", []):
        place += 1
        yield from _competence(detaillee, "detaillee", piece.cle, place, piece.cle)
    for indicateur in element.get("indicateurs", []):
        place += 1
        nom = indicateur.get("code") or indicateur["intitule"]
        yield Piece(
            f"{piece.cle}/indicateur/{nom}={indicateur.get('option', '')}",
            "indicateur",
            indicateur.get("code", ""),
            indicateur["intitule"],
            piece.cle,
            place,
            option=indicateur.get("option", ""),
        )


def _piece(element: Mapping[str, Any], genre: str, parent: str, rang: int, prefixe: str = "") -> Piece:
    option = element.get("option", "")
    debut = prefixe or parent
    cle = f"{debut}/{element['code']}" + (f"={option}" if option else "")
    return Piece(
        cle, genre, element["code"], element["intitule"], parent, rang, element.get("libelle", ""), option
    )


def identifiant_case(code: str, version: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:referentiel:{code}:{version}"))


class CadreCase:
    """Un référentiel vu comme un cadre de compétences CASE ; `racine` est l'adresse publique du serveur."""

    def __init__(self, document: Mapping[str, Any], change_le: str, racine: str) -> None:
        self.document, self.change_le, self.racine = document, change_le, racine
        self.espace = UUID(identifiant_case(document["code"], document["version"]))

    @property
    def identifiant(self) -> str:
        return str(self.espace)

    def id_de(self, nom: str) -> str:
        return str(uuid5(self.espace, nom))

    def uri(self, genre: str, identifiant: str) -> str:
        return f"{self.racine}{CHEMIN}/{genre}/{identifiant}"

    def lien(self, genre: str, titre: str, identifiant: str) -> dict[str, str]:
        return {"title": titre, "identifier": identifiant, "uri": self.uri(genre, identifiant)}

    @cached_property
    def pieces(self) -> dict[str, Piece]:
        return {piece.cle: piece for piece in pieces(self.document)}

    def document_du_paquet(self) -> dict[str, Any]:
        document = self.document
        certificateur = document.get("identite", {}).get("certificateur", {}).get("nom", INCONNU)
        notes = " ".join(
            f"{une['groupe']} ({une['nature']}) : {une['texte']}" for une in document.get("sources", [])
        )
        return {
            "identifier": self.identifiant,
            "uri": self.uri("CFDocuments", self.identifiant),
            "caseVersion": "1.1",
            "creator": certificateur,
            "title": document["intitule"],
            "lastChangeDateTime": self.change_le,
            "language": "fr",
            "version": document["version"],
            **({"notes": notes} if notes else {}),
            "extensions": {"code": document["code"]},
        }

    def document_seul(self) -> dict[str, Any]:
        lien = self.lien("CFPackages", self.document["intitule"], self.identifiant)
        return self.document_du_paquet() | {"CFPackageURI": lien}

    def type_de(self, genre: str) -> dict[str, Any]:
        identifiant = self.id_de(f"type/{genre}")
        return {
            "identifier": identifiant,
            "uri": self.uri("CFItemTypes", identifiant),
            "title": TYPES[genre],
            "description": TYPES[genre],
            "hierarchyCode": str(list(TYPES).index(genre) + 1),
            "typeCode": genre,
            "lastChangeDateTime": self.change_le,
        }

    def element(self, piece: Piece) -> dict[str, Any]:
        identifiant = self.id_de(piece.cle)
        genre = self.type_de(piece.type)
        return {
            "identifier": identifiant,
            "fullStatement": piece.intitule,
            "CFItemType": TYPES[piece.type],
            "uri": self.uri("CFItems", identifiant),
            **({"humanCodingScheme": piece.code} if piece.code else {}),
            **({"abbreviatedStatement": piece.libelle} if piece.libelle else {}),
            **({"notes": f"Propre à l’option {piece.option}."} if piece.option else {}),
            "language": "fr",
            "CFItemTypeURI": self.lien("CFItemTypes", genre["title"], genre["identifier"]),
            "lastChangeDateTime": self.change_le,
            **({"extensions": {"option": piece.option}} if piece.option else {}),
        }

    def element_seul(self, piece: Piece) -> dict[str, Any]:
        lien = self.lien("CFDocuments", self.document["intitule"], self.identifiant)
        return self.element(piece) | {"CFDocumentURI": lien}

    def associations(self) -> Iterator[tuple[Piece, dict[str, Any]]]:
        for piece in self.pieces.values():
            parent = self.pieces.get(piece.parent)
            yield piece, self._association(piece, "isChildOf", parent, piece.rang)
            for lie in piece.lies:
                yield piece, self._association(piece, "isRelatedTo", self.pieces[lie], None)

    def _association(self, piece: Piece, sorte: str, cible: Piece | None, rang: int | None) -> dict[str, Any]:
        identifiant = self.id_de(f"{sorte}/{piece.cle}/{cible.cle if cible else ''}")
        return {
            "identifier": identifiant,
            "associationType": sorte,
            **({"sequenceNumber": rang} if rang is not None else {}),
            "uri": self.uri("CFAssociations", identifiant),
            "originNodeURI": self._noeud(piece),
            "destinationNodeURI": self._noeud(cible),
            "lastChangeDateTime": self.change_le,
        }

    def _noeud(self, piece: Piece | None) -> dict[str, str]:
        if piece is None:
            lien = self.lien("CFDocuments", self.document["intitule"], self.identifiant)
        else:
            lien = self.lien("CFItems", piece.code or piece.intitule, self.id_de(piece.cle))
        return lien | {"targetType": "CASE"}

    def paquet(self) -> dict[str, Any]:
        genres = dict.fromkeys(piece.type for piece in self.pieces.values())
        return {
            "CFDocument": self.document_du_paquet(),
            "CFItems": [self.element(piece) for piece in self.pieces.values()],
            "CFAssociations": [association for _, association in self.associations()],
            "CFDefinitions": {"CFItemTypes": [self.type_de(genre) for genre in genres]},
        }


def statut(mineur: str, phrase: str) -> dict[str, Any]:
    """La réponse d'erreur que la norme prévoit."""
    champ = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": mineur}
    return {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": phrase,
        "imsx_codeMinor": {"imsx_codeMinorField": [champ]},
    }


def est_uuid(texte: str) -> bool:
    try:
        return str(UUID(texte)) == texte.lower()
    except ValueError:
        return False
