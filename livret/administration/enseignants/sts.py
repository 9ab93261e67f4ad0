"""L'export XML de STS (`sts_emp_….xml`), zippé ou non : les personnes, et les divisions de leur service.

Tout y est facultatif sauf le nom et le prénom ; ni date de naissance ni numéro d'agent n'en est lu.
"""

from __future__ import annotations

from typing import IO, Any

from livret.administration.lecture.cellules import Cellule, propre_cellule
from livret.administration.lecture.resultat import FichierIllisible
from livret.administration.lecture.siecle import ExportXml, enregistrements, texte_de
from livret.administration.lecture.table import LIGNES_MAX, Table

INTITULES = ("Nom d’usage", "Prénom", "Courriel", "Fonction", "Classes")
PAS_STS = (
    "Ce fichier XML n’est pas un export de STS (sts_emp_….xml)\xa0: exportez-le à nouveau, ou envoyez une "
    "liste en CSV ou en xlsx."
)


def table_sts(source: IO[bytes]) -> Table:
    personnes: dict[str, list[Cellule]] = {}
    divisions: dict[str, list[str]] = {}
    for noeud in enregistrements(source, ("INDIVIDU", "DIVISION"), "STS", "STS_EDT", PAS_STS):
        if noeud.tag == "INDIVIDU":
            personnes[noeud.get("ID", f"sans-{len(personnes)}")] = _personne(noeud)
            if len(personnes) > LIGNES_MAX:
                raise FichierIllisible("Cet export compte plus de 3\xa0000 personnes\xa0: il est refusé.")
        elif code := propre_cellule(noeud.get("CODE", "")):
            for enseignant in {un.get("ID", "") for un in noeud.iter("ENSEIGNANT")}:
                divisions.setdefault(enseignant, []).append(code)
    if not personnes:
        raise FichierIllisible("Cet export de STS ne contient personne\xa0: exportez-le à nouveau.")
    for identifiant, cellules in personnes.items():
        cellules[4] = ", ".join(divisions.get(identifiant, []))
    return Table(rangs=[(1, list(INTITULES)), *enumerate(personnes.values(), start=2)], balises=True)


STS = ExportXml("STS", "STS_EDT", table_sts)


def _personne(noeud: Any) -> list[Cellule]:
    return [
        texte_de(noeud, "NOM_USAGE", "NOM_PATRONYMIQUE", "NOM"),
        texte_de(noeud, "PRENOM"),
        texte_de(noeud, "COURRIEL", "MEL", "EMAIL"),
        texte_de(noeud, "FONCTION"),
        "",
    ]
