"""Une faute d'un fichier de référentiel, et la phrase française de chaque règle du schéma.

Une phrase dit la valeur reçue et ce qu'il faut faire ; l'endroit est porté par la faute.
Module pur, sans Django.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from referentiel.fichier.ecriture import nombre
from referentiel.fichier.json_situe import Chemin
from trpm.base.a_la_demande import ALaDemande
from trpm.textes import pluriel

if TYPE_CHECKING:
    from jsonschema import ValidationError

jsonschema = ALaDemande("jsonschema")

TYPES = {
    "object": "un objet { … }",
    "array": "une liste [ … ]",
    "string": "un texte entre guillemets",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "true ou false",
    "null": "null",
}
FORMES = {
    "^(?!\\.{1,2}$)[^\\s=/]+$": (
        "au moins un caractère, sans espace, signe égal ni barre oblique, et autre chose qu’un point"
    ),
    "^[^\\s=/]+$": "au moins un caractère, sans espace, signe égal ni barre oblique",
    "^[A-Za-z0-9_-]+$": "des lettres sans accent, des chiffres et des tirets",
    "^[A-Za-z0-9._-]+$": "des lettres sans accent, des chiffres, des points et des tirets",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "une date AAAA-MM-JJ",
    "^[0-9]{14}$": "quatorze chiffres",
    "^[a-z0-9_-]+$": "des minuscules sans accent, des chiffres et des tirets",
}


@cache
def formats() -> Any:
    """Ceux que le schéma nomme, et que jsonschema vérifie."""
    verifies = jsonschema.FormatChecker(formats=())
    verifies.checks("date", raises=ValueError)(_jour_du_calendrier)
    return verifies


def _jour_du_calendrier(valeur: object) -> bool:
    """Ce qui n'a pas la forme d'une date, le motif du schéma le dit déjà."""
    if isinstance(valeur, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", valeur):
        date.fromisoformat(valeur)
    return True


@dataclass(frozen=True)
class Faute:
    """Une faute : où elle est (pointeur JSON, ligne si elle est connue) et quoi faire."""

    pointeur: str
    ligne: int | None
    message: str

    def __str__(self) -> str:
        ligne = "" if self.ligne is None else f"ligne {self.ligne}, "
        return f"{ligne}{self.pointeur or 'document'} : {self.message}"


class FichierInvalide(ValueError):
    """Le fichier a des fautes ; rien n'en a été lu."""

    def __init__(self, fautes: Iterable[Faute]) -> None:
        self.fautes = tuple(fautes)
        super().__init__("\n".join(map(str, self.fautes)))


def apercu(valeur: Any) -> str:
    """La valeur telle qu'elle est écrite dans le fichier, raccourcie."""

    def ecrire(autre: Any) -> Any:
        return nombre(autre) if isinstance(autre, Decimal) and autre.adjusted() < 15 else str(autre)

    texte = json.dumps(valeur, ensure_ascii=False, default=ecrire)
    return texte if len(texte) <= 60 else texte[:57] + "…"


def liste_en_clair(valeurs: Iterable[str], maximum: int = 12) -> str:
    valeurs = list(valeurs)
    mots = [f"« {valeur} »" for valeur in valeurs[:maximum]]
    reste = len(valeurs) - maximum
    return ", ".join(mots) + (f" et {reste} autres" if reste > 0 else "")


CONSEILS = 100
"""Suggestions d'un contrôle, au plus : au-delà, c'est le fichier qui n'est pas le bon."""
PROCHES = 200
"""Mots comparés pour une suggestion : chercher dans des milliers coûterait plus qu'il n'aide."""


def suggestion(mot: str, connus: Iterable[str]) -> str:
    return _suggestion(mot[:30], tuple(islice(connus, PROCHES)))


@lru_cache(maxsize=1000)
def _suggestion(mot: str, connus: tuple[str, ...]) -> str:
    proches = get_close_matches(mot, connus, n=1)
    return f" Vouliez-vous écrire « {proches[0]} » ?" if proches else ""


def _type(erreur: ValidationError) -> str:
    attendus = [erreur.validator_value] if isinstance(erreur.validator_value, str) else erreur.validator_value
    voulu = " ou ".join(TYPES[nom] for nom in attendus)
    if "number" in attendus and re.fullmatch(r"-?[0-9]+[.,]?[0-9]*", str(erreur.instance)):
        voulu += f", sans guillemets et avec un point : {erreur.instance.replace(',', '.')}"
    return f"Valeur reçue : {apercu(erreur.instance)}. Écrivez {voulu}."


def _enum(erreur: ValidationError) -> str:
    choix = erreur.validator_value
    proche = suggestion(str(erreur.instance), choix)
    return f"Valeur reçue : {apercu(erreur.instance)}. Choisissez parmi {liste_en_clair(choix)}.{proche}"


def _const(erreur: ValidationError) -> str:
    return f"Valeur reçue : {apercu(erreur.instance)}. Écrivez {apercu(erreur.validator_value)}."


def _pattern(erreur: ValidationError) -> str:
    forme = FORMES[erreur.validator_value]
    return f"Valeur reçue : {apercu(erreur.instance)}. Écrivez {forme}."


def _format(erreur: ValidationError) -> str:
    return f"Valeur reçue : {apercu(erreur.instance)}. Ce jour n’est pas au calendrier. Corrigez-le."


def _min_length(erreur: ValidationError) -> str:
    return "Le texte est vide. Écrivez-le, ou retirez la propriété si elle est facultative."


def _max_length(erreur: ValidationError) -> str:
    return (
        f"Valeur reçue : {apercu(erreur.instance)}, {len(erreur.instance)} caractères. "
        f"Raccourcissez-la à {erreur.validator_value} caractères au plus."
    )


def _minimum(erreur: ValidationError) -> str:
    return f"Valeur reçue : {apercu(erreur.instance)}. Écrivez un nombre d’au moins {erreur.validator_value}."


def _exclusive_minimum(erreur: ValidationError) -> str:
    return (
        f"Valeur reçue : {apercu(erreur.instance)}. "
        f"Écrivez un nombre strictement supérieur à {erreur.validator_value}."
    )


def _maximum(erreur: ValidationError) -> str:
    return f"Valeur reçue : {apercu(erreur.instance)}. Écrivez un nombre d’au plus {erreur.validator_value}."


def _min_items(erreur: ValidationError) -> str:
    combien = len(erreur.instance)
    return f"La liste a {combien} élément{pluriel(combien)}. Donnez-en au moins {erreur.validator_value}."


def _max_items(erreur: ValidationError) -> str:
    return f"La liste a {len(erreur.instance)} éléments. Donnez-en {erreur.validator_value} au plus."


def _min_properties(erreur: ValidationError) -> str:
    return f"L’objet est vide. Donnez au moins {erreur.validator_value} entrée."


def _unique_items(erreur: ValidationError) -> str:
    doubles = [mot for mot, nombre in Counter(map(apercu, erreur.instance)).items() if nombre > 1]
    return f"Répété : {', '.join(doubles)}. Gardez chaque valeur une seule fois."


PHRASES: dict[str, Callable[[ValidationError], str]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "format": _format,
    "minLength": _min_length,
    "maxLength": _max_length,
    "minimum": _minimum,
    "exclusiveMinimum": _exclusive_minimum,
    "maximum": _maximum,
    "minItems": _min_items,
    "maxItems": _max_items,
    "minProperties": _min_properties,
    "uniqueItems": _unique_items,
}


def _manquante(erreur: ValidationError) -> str:
    """La propriété dont parle cette erreur `required` : jsonschema en émet une par propriété."""
    return next(nom for nom in erreur.validator_value if erreur.message.startswith(repr(nom)))


def phrases(erreur: ValidationError) -> Iterator[tuple[Chemin, str]]:
    """Chemin et phrase de chaque faute que porte une erreur du schéma."""
    chemin: Chemin = tuple(erreur.absolute_path)
    if erreur.validator == "required":
        nom = _manquante(erreur)
        description = erreur.schema["properties"][nom].get("description", "")
        yield chemin, f"Il manque la propriété « {nom} ». Ajoutez-la. {description}".rstrip()
    elif erreur.validator == "additionalProperties":
        connues = list(erreur.schema["properties"])
        inconnues = [nom for nom in erreur.instance if nom not in connues]
        for rang, nom in enumerate(inconnues):
            proche = (
                suggestion(nom, connues) if rang < CONSEILS else ""
            ) or f" Propriétés admises : {liste_en_clair(connues, 30)}."
            yield (*chemin, nom), f"La propriété « {nom} » n’existe pas ici. Retirez-la.{proche}"
    else:
        yield chemin, PHRASES[str(erreur.validator)](erreur)
