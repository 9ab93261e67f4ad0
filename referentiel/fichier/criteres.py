"""Ce qu'un schéma ne sait pas dire des poids qui partagent une compétence, et des critères d'une grille.

Module pur, sans Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from referentiel.fichier.json_situe import Chemin, Noeud, Nombre

CRITERES = "criteres"


class Juge(Protocol):
    """Ce que le contrôle du fichier prête à celui des critères."""

    options: dict[str, Noeud]
    competences: dict[str, Noeud]

    def faute(self, chemin: Chemin, message: str) -> None: ...
    def ligne(self, chemin: Chemin) -> int: ...
    def uniques_parmi(self, noeuds: Iterable[Noeud], sujet: str, cle: str) -> dict[str, Noeud]: ...
    def connu(self, chemin: Chemin, code: str | None, connus: Mapping[str, Any], nature: str) -> None: ...
    def decimales(self, chemin: Chemin, valeur: Nombre | None, maximum: int) -> None: ...
    def par_option(self, noeuds: list[Noeud], sujet: str) -> None: ...


def poids_a_tous(juge: Juge, noeuds: list[Noeud], sujet: str) -> None:
    """Un poids à tous les éléments d'un même porteur, ou à aucun."""
    donnes = [noeud.nombre("poids") is not None for noeud in noeuds]
    if any(donnes) and not all(donnes):
        juge.faute(
            noeuds[donnes.index(False)].chemin,
            f"{sujet} n’a pas de poids alors que d’autres du même élément en ont un. "
            "Donnez un poids à tous, ou à aucun.",
        )


def poids_des_details(juge: Juge, premier: list[Noeud], second: list[tuple[Noeud, Noeud]]) -> None:
    """Ce sont les plus fins qui s'observent, et qui pèsent."""
    parents = {parent.chemin for parent, _ in second}
    for noeud in premier:
        if noeud.chemin in parents and noeud.nombre("poids") is not None:
            juge.faute(
                (*noeud.chemin, "poids"),
                f"« {noeud.texte('code')} » a des détails : ce sont eux qui pèsent. Retirez ce poids.",
            )
    fins = [*(une for une in premier if une.chemin not in parents), *(enfant for _, enfant in second)]
    for noeud in fins:
        juge.decimales((*noeud.chemin, "poids"), noeud.nombre("poids"), 4)
    poids_a_tous(juge, fins, "Cette compétence détaillée")


def controler(juge: Juge, grille: Noeud) -> None:
    porteurs = list(grille.enfants(CRITERES))
    if grille.texte("positionne") != CRITERES:
        if porteurs:
            juge.faute(
                (*grille.chemin, CRITERES),
                "Cette grille positionne des compétences : retirez ses critères, ou écrivez "
                '« "positionne": "criteres" ».',
            )
        return
    par_competence = juge.uniques_parmi(porteurs, "La liste des critères de", "competence")
    for code, porteur in par_competence.items():
        juge.connu((*porteur.chemin, "competence"), code, juge.competences, "aucune compétence")
    tous = [critere for porteur in porteurs for critere in porteur.enfants(CRITERES)]
    juge.par_option(tous, "Le critère")
    for critere in tous:
        juge.decimales((*critere.chemin, "poids"), critere.nombre("poids"), 4)
        _code_de_competence(juge, critere)
    for porteur in porteurs:
        comptent = [une for une in porteur.enfants(CRITERES) if une.nombre("poids") != 0]
        poids_a_tous(juge, comptent, "Ce critère")
    _tous_pourvus(juge, grille, par_competence)


def _code_de_competence(juge: Juge, critere: Noeud) -> None:
    code = critere.texte("code")
    if code in juge.competences:
        juge.faute(
            (*critere.chemin, "code"),
            f"« {code} » est le code d’une compétence (ligne {juge.ligne(juge.competences[code].chemin)}). "
            f"Donnez un autre code à ce critère.",
        )


def _tous_pourvus(juge: Juge, grille: Noeud, par_competence: Mapping[str, Noeud]) -> None:
    """Toute compétence pesée a un critère évalué dans chaque option où elle pèse ; aucune autre n'en a."""
    pesees: dict[str, set[str | None]] = {}
    for repartition in grille.enfants("poids"):
        for code in repartition.enfant("competences").objet:
            pesees.setdefault(code, set()).add(repartition.texte("option"))
    for code, options in pesees.items():
        if code not in juge.competences:
            continue
        porteur = par_competence.get(code)
        if porteur is None:
            juge.faute(
                grille.chemin,
                f"La compétence « {code} » n’a pas de critère dans cette grille, qui en positionne. "
                f"Donnez-lui-en un au moins.",
            )
            continue
        for option in sorted(juge.options if None in options else {une for une in options if une}):
            if option in juge.options and not _a_un_critere(porteur, option):
                juge.faute(
                    (*porteur.chemin, CRITERES),
                    f"La compétence « {code} » n’a aucun critère évalué pour l’option {option}. "
                    f"Donnez un poids à l’un d’eux au moins.",
                )
    for code, porteur in par_competence.items():
        if code in juge.competences and code not in pesees:
            juge.faute(
                (*porteur.chemin, "competence"),
                f"La compétence « {code} » ne pèse dans aucune épreuve de cette grille : ses critères ne "
                f"compteraient pas. Retirez-les, ou donnez-lui un poids.",
            )


def _a_un_critere(porteur: Noeud, option: str) -> bool:
    return any(
        critere.texte("option") in (None, option) and critere.nombre("poids") != 0
        for critere in porteur.enfants(CRITERES)
    )
