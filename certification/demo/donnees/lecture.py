"""Lire une notion écrite en JSON : la classe qui la décrit dit aussi ce que le fichier doit contenir.

Chaque champ d'une classe est une propriété ; un champ qui a une valeur par défaut est facultatif.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from referentiel.fichier.fautes import (
    TYPES,
    apercu,
    liste_en_clair,
    suggestion,
)
from referentiel.fichier.json_situe import Chemin

SIMPLES = {str: "string", int: "integer", bool: "boolean", Decimal: "number"}


@dataclass(frozen=True)
class Nomme:
    """Ce texte nomme une chose de cette notion, une seule : on la cite ailleurs par lui."""

    notion: str


@dataclass(frozen=True)
class Designe:
    """Ce texte désigne une chose de cette notion, décrite ailleurs."""

    notion: str


class Lignes:
    """Ce texte s'écrit ligne par ligne, dans une liste."""


Texte = Annotated[str, Lignes]


@dataclass(frozen=True)
class Citation:
    """Un nom ou un code lu : où, de quelle notion, sous quelle option (vide : aucune)."""

    chemin: Chemin
    notion: str
    option: str
    code: str


@dataclass
class Lecteur:
    """Les fautes (chemin et phrase), les noms donnés et les citations rencontrés en lisant."""

    fautes: list[tuple[Chemin, str]] = field(default_factory=list)
    noms: list[Citation] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    def lire(self, attendu: Any, valeur: Any, chemin: Chemin, option: str = "") -> Any:
        """La valeur sous la forme attendue ; sans valeur utilisable dès qu'il y a une faute."""
        origine, arguments = get_origin(attendu), get_args(attendu)
        if origine is Annotated:
            return self._annote(arguments[0], arguments[1], valeur, chemin, option)
        if origine is UnionType:
            return None if valeur is None else self.lire(arguments[0], valeur, chemin, option)
        if origine is tuple:
            return self._liste(arguments, valeur, chemin, option)
        if origine is dict:
            return self._table(arguments, valeur, chemin, option)
        if is_dataclass(attendu):
            return self._objet(attendu, valeur, chemin, option)
        if issubclass(attendu, Enum):
            return self._choix(attendu, valeur, chemin)
        return self._simple(attendu, valeur, chemin)

    def _fauter(self, chemin: Chemin, valeur: Any, consigne: str) -> None:
        self.fautes.append((chemin, f"Valeur reçue : {apercu(valeur)}. {consigne}"))

    def _type(self, nom: str, valeur: Any, chemin: Chemin) -> None:
        self._fauter(chemin, valeur, f"Écrivez {TYPES[nom]}.")

    def _simple(self, attendu: type, valeur: Any, chemin: Chemin) -> Any:
        admis = (int, Decimal) if attendu is Decimal else attendu
        if not isinstance(valeur, admis) or (isinstance(valeur, bool) and attendu is not bool):
            return self._type(SIMPLES[attendu], valeur, chemin)
        if valeur == "":
            self.fautes.append((chemin, "Le texte est vide. Écrivez-le."))
        return Decimal(valeur) if attendu is Decimal else valeur

    def _annote(self, attendu: Any, marque: Any, valeur: Any, chemin: Chemin, option: str) -> Any:
        if marque is Lignes:
            if isinstance(valeur, list) and valeur and all(isinstance(ligne, str) for ligne in valeur):
                return "\n".join(valeur)
            return self._fauter(chemin, valeur, "Écrivez une liste de lignes de texte.")
        lue = self.lire(attendu, valeur, chemin, option)
        if isinstance(marque, range) and lue is not None and lue not in marque:
            self._fauter(chemin, valeur, f"Écrivez un nombre de {marque[0]} à {marque[-1]}.")
        if isinstance(marque, Nomme | Designe) and lue:
            lues = self.noms if isinstance(marque, Nomme) else self.citations
            lues.append(Citation(chemin, marque.notion, option, lue))
        return lue

    def _liste(self, attendus: tuple[Any, ...], valeur: Any, chemin: Chemin, option: str) -> Any:
        if not isinstance(valeur, list):
            return self._type("array", valeur, chemin)
        if attendus[-1] is Ellipsis:
            attendus = (attendus[0],) * len(valeur)
        elif len(valeur) != len(attendus):
            return self._fauter(chemin, valeur, f"Donnez exactement {len(attendus)} éléments.")
        return tuple(
            self.lire(attendu, element, (*chemin, rang), option)
            for rang, (attendu, element) in enumerate(zip(attendus, valeur, strict=True))
        )

    def _table(self, attendus: tuple[Any, ...], valeur: Any, chemin: Chemin, option: str) -> Any:
        if not isinstance(valeur, dict):
            return self._type("object", valeur, chemin)
        return {
            self.lire(attendus[0], cle, (*chemin, cle), option): self.lire(
                attendus[1], contenu, (*chemin, cle), option
            )
            for cle, contenu in valeur.items()
        }

    def _choix(self, attendu: type[Enum], valeur: Any, chemin: Chemin) -> Any:
        admis = [un.value for un in attendu]
        if valeur in admis:
            return attendu(valeur)
        proche = suggestion(str(valeur), admis)
        return self._fauter(chemin, valeur, f"Choisissez parmi {liste_en_clair(admis)}.{proche}")

    def _objet(self, attendu: Any, valeur: Any, chemin: Chemin, option: str) -> Any:
        if not isinstance(valeur, dict):
            return self._type("object", valeur, chemin)
        formes = _formes(attendu)
        self._proprietes(attendu, valeur, chemin)
        option = str(valeur.get("option", option))
        avant = len(self.fautes)
        lus = {
            nom: self.lire(formes[nom], contenu, (*chemin, nom), option)
            for nom, contenu in valeur.items()
            if nom in formes
        }
        if len(self.fautes) > avant:
            return None
        try:
            return attendu(**lus)
        except TypeError:
            return None
        except ValueError as erreur:
            return self.fautes.append((chemin, str(erreur)))

    def _proprietes(self, attendu: Any, valeur: Mapping[str, Any], chemin: Chemin) -> None:
        connues = [un.name for un in fields(attendu)]
        for un in fields(attendu):
            if un.name not in valeur and un.default is MISSING:
                self.fautes.append((chemin, f"Il manque la propriété « {un.name} ». Ajoutez-la."))
        for nom in valeur:
            if nom not in connues:
                proche = suggestion(nom, connues) or f" Propriétés admises : {liste_en_clair(connues, 30)}."
                self.fautes.append(
                    ((*chemin, nom), f"La propriété « {nom} » n’existe pas ici. Retirez-la.{proche}")
                )


@cache
def _formes(attendu: type) -> dict[str, Any]:
    return get_type_hints(attendu, include_extras=True)
