"""De qui est la photo d'un lot : le nom du fichier le dit. Module pur."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple
from zipfile import BadZipFile

from livret.personnes.identifiants import plie
from trpm.base.archive import ILLISIBLE, lire, piege
from trpm.fichiers import TAILLE_MAX, FichierRefuse

LOT_MAX = 100 * 1024 * 1024
"""Ce que peut peser un zip une fois déplié."""


class EleveNomme(NamedTuple):
    pk: int
    ine: str | None
    nom: str
    prenom: str


def depliees(nom: str, contenu: bytes) -> Iterator[tuple[str, bytes]]:
    """Les images d'un envoi : lui-même, ou ce que contient le zip ; `FichierRefuse` s'il ne s'ouvre pas."""
    if not contenu.startswith(b"PK\x03\x04"):
        yield nom, contenu
        return
    try:
        if refus := piege(contenu, LOT_MAX, signee=False):
            raise FichierRefuse(f"«\xa0{nom}\xa0»\xa0: {refus}")
        fichiers = lire(contenu)
    except BadZipFile:
        raise FichierRefuse(f"«\xa0{nom}\xa0»\xa0: {ILLISIBLE}") from None
    for chemin, octets in fichiers.items():
        lu = PurePosixPath(chemin)
        if octets and not lu.name.startswith(".") and "__MACOSX" not in lu.parts:
            yield lu.name, octets


def a_qui(fichier: str, personnes: Iterable[EleveNomme]) -> int:
    """La clé de l'élève que nomme ce fichier, par son INE ou ses nom et prénom ; `FichierRefuse` sinon."""
    nomme = _mots(PurePosixPath(fichier).stem)
    trouves = [une.pk for une in personnes if nomme in _noms(une)]
    if len(trouves) == 1:
        return trouves[0]
    combien = "plusieurs élèves portent ce nom" if trouves else "aucun élève de la classe ne porte ce nom"
    raison = f"{combien}. Nommez le fichier par l’INE, ou par le nom et le prénom."
    raise FichierRefuse(f"«\xa0{fichier}\xa0»\xa0: {raison}")


def exiger_une_taille(fichier: str, contenu: bytes) -> None:
    if len(contenu) > TAILLE_MAX:
        raise FichierRefuse(f"«\xa0{fichier}\xa0» dépasse {TAILLE_MAX // 1024**2}\xa0Mo.")


def _noms(une: EleveNomme) -> set[str]:
    dits = (une.ine or "", f"{une.nom} {une.prenom}", f"{une.prenom} {une.nom}")
    return {_mots(dit) for dit in dits} - {""}


def _mots(texte: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", plie(texte)))
