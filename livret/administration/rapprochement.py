"""Une ligne et un élève : se ressemblent-ils, et que changerait l'une à l'autre."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from livret.administration.apercu_import import LIBELLES, ChangementImport, Entree
from livret.administration.lecture.cellules import APOSTROPHES
from livret.administration.lecture.resultat import LigneEleve
from livret.personnes.identifiants import a_un_signe, lettres, plie, prenoms_compatibles
from livret.personnes.models.eleve import Eleve
from trpm.dates import date_dite


def identite(eleve: Eleve) -> tuple[str, str]:
    return plie(eleve.nom), plie(eleve.prenom)


def par_nom(elements: Iterable[Any]) -> dict[str, Any]:
    """Éléments du référentiel par code et par intitulé, repliés."""
    elements = list(elements)
    return {plie(e.intitule): e for e in elements} | {plie(e.code): e for e in elements}


def se_ressemblent(ligne: LigneEleve, eleve: Eleve) -> bool:
    """Un INE ne suffit pas : le prénom aussi, et le nom ou une naissance qui ne dit pas le contraire."""
    if ligne.lettres & lettres(eleve.nom, eleve.prenom):
        return True
    contraires = ligne.naissance and eleve.naissance and ligne.naissance != eleve.naissance
    return prenoms_compatibles(ligne.prenom, eleve.prenom) and (
        ligne.identite[0] == plie(eleve.nom) or not contraires
    )


MEME = "même nom, même prénom et même date de naissance"
AUTRE_INE = "même identité, mais un autre INE"
SANS_JOUR = "même nom et même prénom, sans date de naissance pour trancher"
PRESQUE = "presque le même nom"
AUTRE_JOUR = "même nom dans la classe, mais une autre date de naissance"


def doute(ligne: LigneEleve, eleve: Eleve, *, inscrit: bool) -> str:
    """Ce qui fait hésiter entre cette ligne et cet élève ; vide si rien. `inscrit` : il est de la classe."""
    connus = bool(ligne.naissance and eleve.naissance)
    autre_ine = bool(ligne.ine and eleve.ine and ligne.ine != eleve.ine)
    meme_jour = connus and ligne.naissance == eleve.naissance
    if identite(eleve) != ligne.identite:
        return PRESQUE if _presque(ligne, eleve, meme_jour, autre_ine, inscrit and not connus) else ""
    if meme_jour:
        return AUTRE_INE if autre_ine else MEME
    if connus:
        return AUTRE_JOUR if inscrit and not autre_ine else ""
    return "" if autre_ine else SANS_JOUR


def _presque(ligne: LigneEleve, eleve: Eleve, meme_jour: bool, autre_ine: bool, possible: bool) -> bool:
    """Mêmes lettres, espaces, traits d'union, apostrophes et particules à part ; nés le même jour, aussi un
    prénom de plus, ou un signe d'écart si rien d'autre ne les distingue."""
    if ligne.lettres & lettres(eleve.nom, eleve.prenom):
        return meme_jour or possible
    if not meme_jour:
        return False
    memes_noms = lettres(eleve.nom, "") & lettres(ligne.nom, "")
    if memes_noms and prenoms_compatibles(eleve.prenom, ligne.prenom):
        return True
    return not autre_ine and a_un_signe(f"{ligne.nom} {ligne.prenom}", f"{eleve.nom} {eleve.prenom}")


def enrichit(avant: str, apres: str) -> bool:
    """Un nom ne change ni pour sa casse ni pour perdre ses accents ; il peut en gagner."""
    if plie(avant) != plie(apres):
        return True
    lettres_avant, lettres_apres = (
        "".join(filter(str.isalpha, un.translate(APOSTROPHES))) for un in (avant, apres)
    )
    return lettres_avant.casefold() != lettres_apres.casefold() and lettres_avant.isascii()


def changer(entree: Entree, champ: str, apres: Any) -> None:
    avant = getattr(entree.eleve, champ)
    if avant == apres:
        return
    setattr(entree.eleve, champ, apres)
    entree.changements.append(ChangementImport(LIBELLES[champ], lisible(avant), lisible(apres)))


def lisible(valeur: Any) -> str:
    if valeur is None or valeur == "":
        return "—"
    if isinstance(valeur, bool):
        return "présent" if valeur else "parti"
    if isinstance(valeur, datetime.date):
        return date_dite(valeur)
    return str(valeur)
