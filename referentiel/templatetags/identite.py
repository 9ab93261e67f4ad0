"""L'écriture en clair des données libres d'un référentiel : identité, sources, valeurs d'un champ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import template

from referentiel.arrondi import choix
from referentiel.echange.plan import TITRES
from referentiel.fichier.ecriture import nombre
from referentiel.fichier.lecture import ordonner, schema
from trpm.dates import date_dite

register = template.Library()

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

LIBELLES = {
    "sigle": "Sigle",
    "diplome": "Diplôme",
    "specialite": "Spécialité",
    "niveau": "Niveau",
    "duree": "Durée",
    "texte_legal": "Texte légal",
    "publication": "Journal officiel",
    "base_legale": "Base légale",
    "premiere_session": "Première session",
    "rncp": "Fiche RNCP",
    "nsf": "Codes NSF",
    "formacodes": "Formacodes",
    "rome": "Codes ROME",
    "certificateur": "Certificateur",
    "remplace": "Remplace",
    "famille_metiers": "Famille de métiers",
    "poursuites": "Poursuites d’études",
}
GROUPES = {
    "documents": "Documents cités",
    "identite": "Identité",
    "semaines_pfmp": "Semaines de PFMP",
    "options": "Options",
    "voies": "Voies",
    "statuts": "Statuts",
    "cycle": "Cycle",
    "blocs": "Blocs et modes",
    "epreuves": "Épreuves",
    "competences": "Compétences",
    "activites": "Activités et tâches",
    "reperes": "Repères",
    "savoirs": "Savoirs associés",
    "echelles": "Échelles",
    "grilles": "Grilles et poids",
    "anterieurs": "Diplômes antérieurs",
    "commission": "Commission de certification",
}
NATURES = {
    "certain": "publié",
    "derive": "recoupé",
    "defaut": "réglage livré",
    "hypothese": "hypothèse",
}
CHAMPS = {
    "intitule": "intitulé",
    "libelle": "libellé",
    "identite": "identité",
    "anterieurs": "diplômes antérieurs",
    "semaines_pfmp": "semaines de PFMP",
    "code_scolarite": "code scolarité",
    "unite": "unité",
    "ccf": "contrôle en cours de formation",
    "duree": "durée",
    "parent": "élément parent",
    "competences": "compétences",
    "vise": "visé par le diplôme",
    "bonus_max": "bonus maximal",
    "echelle": "échelle",
    "seuil_couverture": "seuil de couverture",
    "mention_ponderation": "mention de la pondération",
    "ordre": "rang",
}


@register.filter
def en_clair(identite: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Libellé et lignes de chaque propriété de l'identité, dans l'ordre du format."""
    rangee = ordonner(dict(identite), schema()["$defs"]["identite"])
    return ((LIBELLES.get(nom, nom), _lignes(contenu)) for nom, contenu in rangee.items())


def _lignes(contenu: Any) -> list[str]:
    if isinstance(contenu, list):
        return [f"{element['code']} {element['intitule']}" for element in contenu]
    if isinstance(contenu, dict):
        return [_fiche_rncp(contenu) if "fiche" in contenu else " · SIRET ".join(contenu.values())]
    return [_date(str(contenu))]


def _fiche_rncp(rncp: Mapping[str, str]) -> str:
    mentions = {"debut_parcours": "parcours ouverts depuis le", "echeance": "enregistrée jusqu’au"}
    suites = [f"{mention} {_date(rncp[nom])}" for nom, mention in mentions.items() if nom in rncp]
    return ", ".join([rncp["fiche"], *suites])


def _date(texte: str) -> str:
    """Une date ISO en toutes lettres ; tout autre texte tel quel, fût-il un jour qui n'existe pas."""
    try:
        return date_dite(date.fromisoformat(texte)) if ISO.fullmatch(texte) else texte
    except ValueError:
        return texte


@register.filter
def groupe(nom: str) -> str:
    return GROUPES.get(nom) or TITRES.get(nom, nom)


@register.filter
def nature(nom: str) -> str:
    return NATURES.get(nom, nom)


@register.filter
def champ(nom: str) -> str:
    return CHAMPS.get(nom, nom)


@register.filter
def valeur(contenu: Any) -> str:
    """Une valeur de champ, telle qu'une personne la lit."""
    if contenu is None or contenu == "":
        return "–"
    if isinstance(contenu, bool):
        return "oui" if contenu else "non"
    if isinstance(contenu, tuple):
        return " ".join(str(code) for code in contenu[2:] if code)
    if isinstance(contenu, dict | list):
        return json.dumps(contenu, ensure_ascii=False, default=nombre)
    if isinstance(contenu, str):
        return dict(choix()).get(contenu, contenu)
    return str(contenu).replace(".", ",")
