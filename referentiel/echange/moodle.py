"""Le CSV que lit et écrit l'import de référentiels de compétences de Moodle (tool_lpimportcsv). Module pur.

Colonnes et ordre : `framework_importer::list_required_headers()` de Moodle ; titres : ses chaînes anglaises.
Moodle coupe un nom court à cent signes : l'intitulé entier est dans la description.
"""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from referentiel.echange.ossature import Bati, ElementRecu, Reprise, echelle, propre
from referentiel.fichier.fautes import Faute, FichierInvalide

COLONNES = {
    "parent": "Parent ID number",
    "id": "ID number",
    "nom": "Short name",
    "description": "Description",
    "format": "Description format",
    "niveaux": "Scale values",
    "reglage": "Scale configuration",
    "regle": "Rule type (optional)",
    "issue": "Rule outcome (optional)",
    "detail": "Rule config (optional)",
    "liens": "Cross-referenced competency ID numbers",
    "exporte": "Exported ID (optional)",
    "cadre": "Is framework",
    "taxonomie": "Taxonomy",
}
NOM_MAX = 100
TAXONOMIE = "competency,skill,skill,indicator"
HTML = "1"
SANS_PLACE = {"regle": "règle", "issue": "issue de la règle", "liens": "renvois à d’autres compétences"}
LIGNES_MAX = 20_000


# -- écrire -------------------------------------------------------------------


def csv_de(document: Mapping[str, Any]) -> str:
    """Compétences, compétences détaillées et indicateurs. Les savoirs n'y sont pas : ils ne se notent pas."""
    sortie = io.StringIO()
    ecrivain = csv.DictWriter(sortie, list(COLONNES), lineterminator="\r\n")
    ecrivain.writerow(COLONNES)
    for ligne in _lignes(document):
        ecrivain.writerow(dict.fromkeys(COLONNES, "") | ligne)
    return sortie.getvalue()


def _lignes(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    grille = document["grilles"][-1]
    niveaux = next(une["niveaux"] for une in document["echelles"] if une["code"] == grille["echelle"])
    yield {
        "id": f"{document['code']}-{document['version']}",
        "nom": document["intitule"][:NOM_MAX],
        "description": html.escape(document["intitule"], quote=False),
        "format": HTML,
        "niveaux": ",".join(niveau["libelle"].replace(",", " ") for niveau in niveaux),
        "reglage": _reglage(len(niveaux)),
        "cadre": "1",
        "taxonomie": TAXONOMIE,
    }
    for competence in document["competences"]:
        yield from _element(competence, "")


def _reglage(combien: int) -> str:
    """Moodle veut un niveau par défaut et un niveau acquis au moins : le plus haut est les deux."""
    dernier = {"id": combien, "scaledefault": 1, "proficient": 1}
    return json.dumps([{"scaleid": "1"}, dernier], separators=(",", ":"))


def _element(element: Mapping[str, Any], parent: str) -> Iterator[dict[str, str]]:
    option = f" ({element['option']})" if element.get("option") else ""
    ident = f"{element['code']}{option}"
    yield _competence(parent, ident, f"{element['code']} {element['intitule']}", element["intitule"])
    for rang, indicateur in enumerate(element.get("indicateurs", []), start=1):
        texte = indicateur["intitule"]
        yield _competence(ident, f"{ident} i{rang}", texte, texte)
    for detaillee in element.get("detaillees", []):
        yield from _element(detaillee, ident)


def _competence(parent: str, ident: str, nom: str, intitule: str) -> dict[str, str]:
    description = html.escape(intitule, quote=False)
    return {
        "parent": parent,
        "id": ident,
        "nom": nom[:NOM_MAX],
        "description": description,
        "format": HTML,
        "detail": "null",
        "exporte": "",
        "cadre": "",
    }


# -- lire ---------------------------------------------------------------------


def reprise_de_csv(texte: str) -> Reprise:
    """Le référentiel que dit un CSV de Moodle ; `FichierInvalide` si ce n'en est pas un."""
    lignes = _lues(texte)
    cadre = next((ligne for ligne in lignes if ligne["cadre"] in ("1", "true")), None)
    if cadre is None:
        raise FichierInvalide(
            [Faute("", None, "Aucune ligne n’a « Is framework » à 1 : Moodle en exige une.")]
        )
    bati = Bati()
    branches = _branches(bati, [ligne for ligne in lignes if ligne is not cadre])
    if not branches:
        raise FichierInvalide([Faute("", None, "Ce fichier ne décrit aucune compétence.")])
    libelles = [libelle for un in cadre["niveaux"].split(",") if (libelle := propre(un))]
    code, _, version = cadre["id"].rpartition("-")
    identite = {
        "code": code or cadre["id"] or cadre["nom"],
        "version": version or "1",
        "intitule": _intitule(bati, cadre, "") or cadre["nom"],
    }
    return bati.document(identite, branches, echelles=[echelle(libelles)] if len(libelles) > 1 else [])


def _lues(texte: str) -> list[dict[str, str]]:
    separateur = max(",;\t", key=texte.partition("\n")[0].count)
    try:
        rangees = list(csv.reader(io.StringIO(texte, newline=""), delimiter=separateur))[:LIGNES_MAX]
    except csv.Error:
        rangees = []
    if not rangees or len(rangees[0]) < len(COLONNES) - 1:
        attendues = ", ".join(COLONNES.values())
        raise FichierInvalide(
            [Faute("", 1, f"Ce n’est pas un CSV de compétences de Moodle. Colonnes attendues : {attendues}.")]
        )
    noms = _noms(rangees[0])
    vides = dict.fromkeys(COLONNES, "")
    return [
        vides
        | {"ligne": str(rang)}
        | {nom: cellule.strip() for nom, cellule in zip(noms, rangee, strict=False)}
        for rang, rangee in enumerate(rangees[1:], start=2)
        if any(cellule.strip() for cellule in rangee)
    ]


def _noms(titres: list[str]) -> list[str]:
    """Par leur titre anglais ; sinon par leur rang, comme le fait Moodle, qui traduit ces titres."""
    par_titre = {titre.casefold(): nom for nom, titre in COLONNES.items()}
    lus = [par_titre.get(titre.strip().casefold(), "") for titre in titres]
    if lus.count("") <= len(titres) - len(COLONNES) + 1 and "cadre" in lus:
        return [nom or f"autre-{rang}" for rang, nom in enumerate(lus)]
    ordre = [nom for nom in COLONNES if len(titres) >= len(COLONNES) or nom != "liens"]
    return ordre + [f"autre-{rang}" for rang in range(len(titres) - len(ordre))]


def _branches(bati: Bati, lignes: list[dict[str, str]]) -> list[ElementRecu]:
    branches: dict[str, ElementRecu] = {}
    racines: list[ElementRecu] = []
    for ligne in lignes:
        ou = f"Ligne {ligne['ligne']}"
        if not ligne["id"]:
            bati.dire(ou, "sans « ID number » : laissée de côté.")
        elif ligne["id"] in branches:
            bati.dire(ou, f"« {ligne['id']} » est déjà plus haut : laissée de côté.")
        else:
            code, option = _code(ligne["id"])
            branches[ligne["id"]] = ElementRecu(code, _intitule(bati, ligne, code), ou, option)
            _sans_place(bati, ou, ligne)
    for ligne in lignes:
        branche = branches.get(ligne["id"])
        if branche is None or branche.ou != f"Ligne {ligne['ligne']}":
            continue
        parent = branches.get(ligne["parent"])
        if parent is None and ligne["parent"]:
            bati.dire(
                branche.ou, f"le parent « {ligne['parent']} » n’est pas dans le fichier : laissée de côté."
            )
        elif parent is None:
            racines.append(branche)
        elif ligne["id"].startswith(f"{ligne['parent']} i"):
            parent.indicateurs.append(branche.intitule)
        else:
            parent.enfants.append(branche)
    return racines


def _code(ident: str) -> tuple[str, str]:
    """« C7.3 (RMO) » : un code et son option, comme ce fichier les écrit."""
    code, ouvrante, suite = ident.rpartition(" (")
    if ouvrante and suite.endswith(")") and " " not in suite:
        return code, suite[:-1]
    return ident, ""


def _intitule(bati: Bati, ligne: Mapping[str, str], code: str) -> str:
    """La description si le nom court en est le début, sinon le nom court."""
    nom, description = propre(ligne["nom"]), propre(html.unescape(ligne["description"]))
    court = nom.removeprefix(code).strip().rstrip("….")
    if description and description.startswith(court):
        return description
    if description:
        bati.dire(f"Ligne {ligne['ligne']}", "sa description n’a pas de place ici : le nom court est gardé.")
    return nom.removeprefix(f"{code} ") if code else nom


def _sans_place(bati: Bati, ou: str, ligne: Mapping[str, str]) -> None:
    for nom, dit in SANS_PLACE.items():
        if ligne[nom] not in ("", "0", "null"):
            bati.dire(ou, f"« {COLONNES[nom]} » ({dit}) n’a pas de place ici : laissé de côté.")
    if ligne["niveaux"]:
        bati.dire(ou, "une échelle propre à une compétence n’a pas de place ici : laissée de côté.")
