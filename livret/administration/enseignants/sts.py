"""L'export XML de STS (`sts_emp_….xml`), zippé ou non : les personnes, et les divisions de leur service.

Balises vues dans le code d'autres logiciels libres qui lisent cet export (GEPI, pyKol), jamais sur un vrai
fichier : `INDIVIDU`, `DIVISION` et `GROUPE`, dont les `SERVICE` citent des `ENSEIGNANT`. Tout est facultatif
sauf le nom et le prénom ; ni date de naissance ni numéro d'agent n'en est gardé.
"""

from __future__ import annotations

from typing import IO, Any

from livret.administration.lecture.cellules import Cellule, propre_cellule
from livret.administration.lecture.resultat import FichierIllisible
from livret.administration.lecture.siecle import ExportXml, enregistrements, texte_de
from livret.administration.lecture.table import LIGNES_MAX, Table

Agent = tuple[str, str]
INTITULES = ("Nom d’usage", "Prénom", "Courriel", "Fonction", "Classes")
PAS_STS = (
    "Ce fichier XML n’est pas un export de STS (sts_emp_….xml)\xa0: exportez-le à nouveau, ou envoyez une "
    "liste en CSV ou en xlsx."
)


def table_sts(source: IO[bytes]) -> Table:
    personnes: dict[Agent, list[Cellule]] = {}
    divisions: dict[Agent, list[str]] = {}
    for noeud in enregistrements(source, ("INDIVIDU", "DIVISION", "GROUPE"), "STS", "STS_EDT", PAS_STS):
        if noeud.tag == "INDIVIDU":
            agent = _agent(noeud, f"sans-{len(personnes)}")
            personnes[agent] = _personne(noeud)
            divisions.setdefault(agent, []).extend(_de_professeur_principal(noeud))
            if len(personnes) > LIGNES_MAX:
                raise FichierIllisible("Cet export compte plus de 3\xa0000 personnes\xa0: il est refusé.")
            continue
        servies = _divisions_servies(noeud)
        for agent in {_agent(un) for un in noeud.iter("ENSEIGNANT")}:
            divisions.setdefault(agent, []).extend(servies)
    if not personnes:
        raise FichierIllisible("Cet export de STS ne contient personne\xa0: exportez-le à nouveau.")
    for agent, cellules in personnes.items():
        cellules[4] = ", ".join(dict.fromkeys(divisions.get(agent, [])))
    return Table(rangs=[(1, list(INTITULES)), *enumerate(personnes.values(), start=2)], balises=True)


STS = ExportXml("STS", "STS_EDT", table_sts)


def _agent(noeud: Any, defaut: str = "") -> Agent:
    """Un agent de l'annuaire (« epp ») et un agent ajouté ici (« local ») peuvent porter le même numéro."""
    return noeud.get("TYPE", ""), noeud.get("ID", defaut)


def _de_professeur_principal(noeud: Any) -> list[str]:
    codes = (texte_de(un, "CODE_STRUCTURE") for un in noeud.iter("PROF_PRINC"))
    return [code for code in codes if code]


def _divisions_servies(noeud: Any) -> list[str]:
    """La division ; ou celles d'où vient un groupe : en atelier, le service est souvent celui d'un groupe."""
    de = [noeud] if noeud.tag == "DIVISION" else noeud.iter("DIVISION_APPARTENANCE")
    codes = (propre_cellule(un.get("CODE", "")) for un in de)
    return [code for code in codes if code]


def _personne(noeud: Any) -> list[Cellule]:
    return [
        texte_de(noeud, "NOM_USAGE", "NOM_PATRONYMIQUE", "NOM"),
        texte_de(noeud, "PRENOM"),
        texte_de(noeud, "COURRIEL", "MEL", "EMAIL"),
        texte_de(noeud, "FONCTION"),
        "",
    ]
