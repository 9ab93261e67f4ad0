"""Le format d'un référentiel mis en feuilles : une par notion, ses colonnes tirées du schéma. Module pur.

Une liste d'objets est une feuille ; une table (coefficients, poids) en est une aussi, une ligne par entrée.
Ce qui dépend d'un autre élément le désigne par une colonne « Rattaché à » : les codes de ses porteurs,
séparés par « / », chacun suivi de « = » et de son option s'il en a une (C7/C7.3=RMO).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from referentiel.fichier.lecture import schema

Schema = Mapping[str, Any]

DIPLOME = "diplome"
"""La feuille des propriétés uniques : une ligne par propriété."""
RATTACHEMENT, CLE, VALEUR = "rattachement", "cle", "valeur"

TITRES = {
    DIPLOME: "Diplôme",
    "identite.nsf": "Codes NSF",
    "identite.formacodes": "Formacodes",
    "identite.rome": "Codes ROME",
    "identite.remplace": "Diplômes remplacés",
    "sources": "Sources",
    "options": "Options",
    "voies": "Voies",
    "statuts": "Statuts",
    "blocs": "Blocs",
    "modalites": "Modalités",
    "epreuves": "Épreuves",
    "coefficients": "Coefficients",
    "competences": "Compétences",
    "detaillees": "Compétences détaillées",
    "indicateurs": "Indicateurs",
    "activites": "Activités",
    "intitules": "Intitulés par option",
    "taches": "Tâches",
    "reperes.autonomie": "Degrés d’autonomie",
    "reperes.savoir": "Degrés des savoirs",
    "savoirs": "Savoirs",
    "echelles": "Échelles",
    "niveaux": "Niveaux",
    "grilles": "Grilles",
    "poids": "Poids",
    "criteres": "Compétences à critères",
    "criteres.criteres": "Critères",
    "correspondances": "Correspondances",
    "commission.qualites": "Qualités de commission",
    "commission.pieces": "Pièces du dossier",
    "anterieurs": "Diplômes antérieurs",
    "repondent": "Compétences antérieures",
}
COLONNES = {
    RATTACHEMENT: "Rattaché à",
    CLE: "Code",
    VALEUR: "Valeur",
    "intitule": "Intitulé",
    "libelle": "Libellé",
    "code_scolarite": "Code scolarité",
    "unite": "Unité",
    "duree": "Durée",
    "ccf": "CCF",
    "competences": "Compétences",
    "vise": "Visé",
    "epreuve": "Épreuve",
    "echelle": "Échelle",
    "bonus_max": "Bonus maximal",
    "seuil_couverture": "Seuil de couverture",
    "mention_ponderation": "Mention de la pondération",
}
CLES = {"coefficients": "option", "intitules": "option", "poids": "competences"}
"""Ce que désigne la clé de chaque table."""
SANS_NOM = ("code", "diplome", "version", "epreuve", "competence", "echelle")
"""Propriétés qui nomment un élément, par ordre de préférence."""


@dataclass(frozen=True)
class Colonne:
    nom: str
    noeud: Schema
    obligatoire: bool = False

    @property
    def titre(self) -> str:
        return COLONNES.get(self.nom, self.nom.replace("_", " ").capitalize())

    @property
    def aide(self) -> str:
        return str(self.noeud.get("description", ""))

    @property
    def choix(self) -> tuple[str, ...]:
        """Les valeurs d'une liste déroulante, si le schéma les énumère."""
        if "enum" in self.noeud:
            return tuple(self.noeud["enum"])
        return ("oui", "non") if "boolean" in types(self.noeud) else ()


@dataclass(frozen=True)
class Notion:
    """Une notion. `table` nomme la propriété dont chaque entrée est une ligne."""

    nom: str
    aide: str
    colonnes: tuple[Colonne, ...] = ()
    racines: tuple[str, ...] = ()
    table: str = ""
    noeud: Schema = field(default_factory=dict, compare=False)

    @property
    def titre(self) -> str:
        return TITRES.get(self.nom, self.nom.replace(".", " ").capitalize())

    @property
    def attachee(self) -> bool:
        return bool(self.racines)

    @property
    def multiple(self) -> bool:
        """Elle dépend d'éléments de plusieurs listes : un rattachement commence alors par la sienne."""
        return len(self.racines) > 1

    @property
    def propriete(self) -> str:
        return self.nom.rpartition(".")[2]

    @property
    def titres(self) -> tuple[str, ...]:
        return tuple(colonne.titre for colonne in self.colonnes)


def resolu(noeud: Schema) -> Schema:
    """Le nœud visé par une référence ; sa description propre l'emporte."""
    if "$ref" not in noeud:
        return noeud
    vise = schema()["$defs"][noeud["$ref"].rpartition("/")[2]]
    return {**vise, **{nom: valeur for nom, valeur in noeud.items() if nom != "$ref"}}


def types(noeud: Schema) -> tuple[str, ...]:
    brut = noeud.get("type", "string")
    return (brut,) if isinstance(brut, str) else tuple(brut)


def est_liste(noeud: Schema) -> bool:
    return "array" in types(noeud)


def est_objet(noeud: Schema) -> bool:
    return "object" in types(noeud)


def est_table(noeud: Schema) -> bool:
    return est_objet(noeud) and "properties" not in noeud


def proprietes(noeud: Schema) -> dict[str, Schema]:
    return {nom: resolu(contenu) for nom, contenu in noeud.get("properties", {}).items()}


def elements(noeud: Schema) -> Schema:
    """Le schéma d'un élément d'une liste ; vide pour une liste de codes."""
    contenu = resolu(noeud.get("items", {}))
    return contenu if est_objet(contenu) else {}


def separateur(noeud: Schema) -> str:
    """Des codes se séparent par une espace ; des textes, qui peuvent en contenir, par un point-virgule."""
    return " " if "pattern" in resolu(noeud.get("items", {})) else "; "


def nom_de_feuille(prefixe: str, nom: str, parent: str, porteur: Schema, element: Schema) -> str:
    """Une liste sous une liste de même nom partage sa feuille, si elle a les mêmes colonnes."""
    differe = nom == parent and set(scalaires(porteur)) != set(scalaires(element))
    return f"{parent}.{nom}" if differe else f"{prefixe}{nom}"


def listes(noeud: Schema) -> dict[str, Schema]:
    return {
        nom: contenu for nom, contenu in proprietes(noeud).items() if est_liste(contenu) and elements(contenu)
    }


def tables(noeud: Schema) -> dict[str, Schema]:
    return {nom: contenu for nom, contenu in proprietes(noeud).items() if est_table(contenu)}


def scalaires(noeud: Schema) -> dict[str, Schema]:
    """Ce qui tient dans une cellule : textes, nombres, oui ou non, listes de codes."""
    return {
        nom: contenu
        for nom, contenu in proprietes(noeud).items()
        if not est_objet(contenu) and not elements(contenu) and "const" not in contenu
    }


def table_propre(noeud: Schema) -> str:
    """La table obligatoire d'un élément sans nom à lui (les poids d'une répartition) : il s'y déplie."""
    return next((nom for nom in tables(noeud) if nom in noeud.get("required", ())), "")


def uniques(noeud: Schema, prefixe: str = "") -> Iterator[tuple[str, Schema]]:
    """Les propriétés uniques du document et de ses objets, par leur chemin pointé."""
    for nom, contenu in scalaires(noeud).items():
        yield f"{prefixe}{nom}", contenu
    for nom, contenu in proprietes(noeud).items():
        if est_objet(contenu) and not est_table(contenu):
            yield from uniques(contenu, f"{prefixe}{nom}.")


@cache
def feuilles() -> dict[str, Notion]:
    """Toutes les feuilles, dans l'ordre où on les remplit ; celles que `TITRES` ne connaît pas à la fin."""
    racine = schema()
    plan = {DIPLOME: Notion(DIPLOME, str(racine["description"]), noeud=racine)}
    for feuille in _feuilles(racine, "", (), ""):
        ancienne = plan.get(feuille.nom)
        if ancienne is None:
            plan[feuille.nom] = feuille
        else:
            racines = tuple(dict.fromkeys(ancienne.racines + feuille.racines))
            colonnes = {colonne.nom: colonne for colonne in (*feuille.colonnes, *ancienne.colonnes)}
            plan[feuille.nom] = Notion(
                ancienne.nom, ancienne.aide, tuple(colonnes.values()), racines, ancienne.table, ancienne.noeud
            )
    rangs = {nom: rang for rang, nom in enumerate(TITRES)}
    return dict(sorted(plan.items(), key=lambda entree: rangs.get(entree[0], len(rangs))))


def _feuilles(noeud: Schema, prefixe: str, racines: tuple[str, ...], parent: str) -> Iterator[Notion]:
    for nom, contenu in proprietes(noeud).items():
        if est_objet(contenu) and not est_table(contenu):
            yield from _feuilles(contenu, f"{prefixe}{nom}.", racines, "")
    for nom, contenu in listes(noeud).items():
        element = elements(contenu)
        propre = nom_de_feuille(prefixe, nom, parent, noeud, element)
        yield _feuille(propre, contenu, element, racines)
        suite = racines or (propre,)
        yield from _feuilles(element, "", suite, nom)
        for autre, table in tables(element).items():
            if autre != table_propre(element):
                yield _feuille_de_table(autre, table, suite)


def _feuille(nom: str, liste: Schema, element: Schema, racines: tuple[str, ...]) -> Notion:
    requises = element.get("required", ())
    colonnes = [Colonne(RATTACHEMENT, _rattachement(), True)] if racines else []
    colonnes += [Colonne(autre, contenu, autre in requises) for autre, contenu in scalaires(element).items()]
    table = table_propre(element)
    if table:
        valeurs = resolu(tables(element)[table]["additionalProperties"])
        colonnes += [Colonne(CLES.get(nom, table), {"type": "string"}, True), Colonne(VALEUR, valeurs)]
    return Notion(nom, str(liste.get("description", "")), tuple(colonnes), racines, table, element)


def _feuille_de_table(nom: str, table: Schema, racines: tuple[str, ...]) -> Notion:
    valeurs = resolu(table["additionalProperties"])
    colonnes = (
        Colonne(RATTACHEMENT, _rattachement(), True),
        Colonne(
            CLES.get(nom, CLE), {"type": "string", "description": str(table.get("description", ""))}, True
        ),
        Colonne(VALEUR, valeurs, True),
    )
    return Notion(nom, str(table.get("description", "")), colonnes, racines, nom)


def _rattachement() -> Schema:
    return {
        "type": "string",
        "description": "Codes de l’élément porteur, séparés par « / », l’option après « = » : C7/C7.3=RMO.",
    }


def nom_de(element: Mapping[str, Any]) -> str:
    """Ce qui désigne un élément dans un rattachement : son code, et son option s'il en a une, ou sa
    version si c'est un diplôme."""
    nom = next((str(element[cle]) for cle in SANS_NOM if element.get(cle) not in (None, "")), "")
    option = element.get("version") if "diplome" in element else element.get("option")
    return f"{nom}={option}" if option else nom
