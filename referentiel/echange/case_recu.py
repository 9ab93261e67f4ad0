"""Lire un paquet CASE : ses compétences, ce qui n'a pas de place dit élément par élément. Module pur."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from referentiel.echange.case import TYPES
from referentiel.echange.ossature import Bati, ElementRecu, Reprise, propre
from referentiel.fichier.fautes import Faute, FichierInvalide

IGNORES = (
    "alternativeLabel",
    "listEnumeration",
    "conceptKeywords",
    "conceptKeywordsURI",
    "subject",
    "subjectURI",
    "educationLevel",
    "licenseURI",
    "statusStartDate",
    "statusEndDate",
)
IGNORES_DU_PAQUET = ("CFRubrics",)
GENRES = {titre: genre for genre, titre in TYPES.items()}


def est_un_paquet(brut: Any) -> bool:
    return isinstance(brut, Mapping) and isinstance(_paquet(brut).get("CFDocument"), Mapping)


def _paquet(brut: Mapping[str, Any]) -> Mapping[str, Any]:
    """Certains serveurs enveloppent le paquet sous son nom."""
    dedans = brut.get("CFPackage")
    return dedans if isinstance(dedans, Mapping) else brut


class _Lecture:
    def __init__(self, brut: Mapping[str, Any]) -> None:
        self.bati = Bati()
        self.paquet = _paquet(brut)
        self.elements = {
            str(element.get("identifier")): element
            for element in _liste(self.paquet, "CFItems")
            if isinstance(element.get("fullStatement"), str)
        }
        self.parents: dict[str, str] = {}
        self.rangs: dict[str, int] = {}
        self.lies: dict[str, list[str]] = {}
        for rang, association in enumerate(_liste(self.paquet, "CFAssociations")):
            self._association(association, rang)
        self.branches = {ident: self._branche(ident, element) for ident, element in self.elements.items()}

    def genre(self, ident: str) -> str:
        return GENRES.get(str(self.elements[ident].get("CFItemType", "")), "")

    def _ou(self, ident: str) -> str:
        element = self.elements[ident]
        return f"CFItem {element.get('humanCodingScheme') or propre(element['fullStatement'])[:60]}"

    def _association(self, association: Mapping[str, Any], rang: int) -> None:
        sorte = association.get("associationType")
        origine, cible = (
            str((association.get(nom) or {}).get("identifier", ""))
            for nom in ("originNodeURI", "destinationNodeURI")
        )
        if origine not in self.elements:
            return
        if sorte == "isChildOf":
            if origine in self.parents:
                self.bati.dire(self._ou(origine), "un second parent n’a pas de place ici : laissé de côté.")
                return
            self.parents[origine] = cible if cible in self.elements else ""
            numero = association.get("sequenceNumber")
            self.rangs[origine] = numero if isinstance(numero, int) else rang
        elif sorte == "isRelatedTo" and self.genre(origine) in ("savoir", "activite"):
            self.lies.setdefault(origine, []).append(cible)
        else:
            self.bati.dire(
                self._ou(origine), f"l’association « {sorte} » n’a pas de place ici : laissée de côté."
            )

    def _branche(self, ident: str, element: Mapping[str, Any]) -> ElementRecu:
        for nom in IGNORES:
            if element.get(nom):
                self.bati.dire(self._ou(ident), f"« {nom} » n’a pas de place ici : laissé de côté.")
        option = str((element.get("extensions") or {}).get("option", ""))
        code = str(element.get("humanCodingScheme") or "")
        return ElementRecu(code, element["fullStatement"], self._ou(ident), option)

    def racines(self) -> list[ElementRecu]:
        """L'arbre des compétences ; indicateurs, savoirs et activités, quand ils se disent tels, à part."""
        racines = []
        for ident in sorted(self.elements, key=lambda un: self.rangs.get(un, 0)):
            parent = self.parents.get(ident, "")
            genre = self.genre(ident)
            if genre in ("savoir", "activite", "tache"):
                continue
            if not parent:
                racines.append(self.branches[ident])
            elif genre == "indicateur":
                self.branches[parent].indicateurs.append(self.branches[ident].intitule)
            elif self._remonte(ident):
                self.branches[parent].enfants.append(self.branches[ident])
            else:
                self.bati.dire(self._ou(ident), "ses parents tournent en rond : laissé de côté.")
        return racines

    def _remonte(self, ident: str) -> bool:
        vus = {ident}
        while ident := self.parents.get(ident, ""):
            if ident in vus:
                return False
            vus.add(ident)
        return True

    def savoirs(self) -> list[dict[str, Any]]:
        idents = [ident for ident in self.elements if self.genre(ident) == "savoir"]
        codes = self.bati.codes([self.branches[ident] for ident in idents], "S")
        return [
            {"code": code, "intitule": propre(self.branches[ident].intitule)} | self._competences(ident)
            for ident, code in zip(idents, codes, strict=True)
        ]

    def activites(self) -> list[dict[str, Any]]:
        idents = [ident for ident in self.elements if self.genre(ident) == "activite"]
        codes = self.bati.codes([self.branches[ident] for ident in idents], "A")
        return [
            {"code": code, "intitule": propre(self.branches[ident].intitule)}
            | self._competences(ident)
            | self._taches(ident)
            for ident, code in zip(idents, codes, strict=True)
        ]

    def _competences(self, ident: str) -> dict[str, Any]:
        cites = [self.branches[cible].code for cible in self.lies.get(ident, []) if cible in self.branches]
        return {"competences": list(dict.fromkeys(cites))} if cites else {}

    def _taches(self, ident: str) -> dict[str, Any]:
        taches = [un for un in self.elements if self.genre(un) == "tache" and self.parents.get(un) == ident]
        taches.sort(key=lambda un: self.rangs.get(un, 0))
        branches = [self.branches[un] for un in taches]
        codes = self.bati.codes(branches, "T")
        ecrites = [
            {"code": code, "intitule": propre(branche.intitule)}
            | ({"option": branche.option} if branche.option else {})
            for branche, code in zip(branches, codes, strict=True)
        ]
        return {"taches": ecrites} if ecrites else {}


def _liste(paquet: Mapping[str, Any], nom: str) -> list[Mapping[str, Any]]:
    valeur = paquet.get(nom)
    return [un for un in valeur if isinstance(un, Mapping)] if isinstance(valeur, list) else []


def reprise_de_case(brut: Mapping[str, Any]) -> Reprise:
    """Le référentiel que dit un paquet CASE ; `FichierInvalide` s'il ne décrit aucune compétence."""
    lecture = _Lecture(brut)
    racines = lecture.racines()
    if not racines:
        raise FichierInvalide([Faute("/CFItems", None, "Ce paquet CASE ne décrit aucune compétence.")])
    for nom in IGNORES_DU_PAQUET:
        if lecture.paquet.get(nom):
            lecture.bati.dire(nom, "n’a pas de place ici : laissé de côté.")
    document = lecture.paquet["CFDocument"]
    titre = propre(str(document.get("title") or "")) or "Référentiel sans titre"
    code = str((document.get("extensions") or {}).get("code") or titre)
    version = str(document.get("version") or str(document.get("lastChangeDateTime", ""))[:10] or "1")
    identite = {"code": code, "version": version, "intitule": titre}
    return lecture.bati.document(identite, racines, savoirs=lecture.savoirs(), activites=lecture.activites())
