"""Ce qu'un schéma ne sait pas dire des diplômes antérieurs d'un référentiel."""

from __future__ import annotations

from typing import Any


def anterieurs(controle: Any) -> None:
    """Un diplôme une fois, jamais celui du fichier, des compétences déclarées."""
    vus: dict[tuple[str, str | None], Any] = {}
    ici = controle.racine.texte("code"), controle.racine.texte("version")
    for noeud in controle.racine.enfants("anterieurs"):
        diplome, version = noeud.texte("diplome"), noeud.texte("version")
        if diplome is None:
            continue
        chemin = (*noeud.chemin, "diplome")
        if (diplome, version) == ici:
            controle.faute(chemin, "C’est le diplôme du fichier lui-même. Retirez-le des antérieurs.")
        elif (diplome, version) in vus:
            ligne = controle.ligne(vus[diplome, version].chemin)
            controle.faute(chemin, f"« {diplome} » est déjà donné ligne {ligne}. Réunissez les deux.")
        vus.setdefault((diplome, version), noeud)
        controle.uniques_parmi(noeud.enfants("repondent"), "La compétence antérieure")
        for reponse in noeud.enfants("repondent"):
            for place, code in reponse.textes("competences"):
                controle.connu(place, code, controle.competences, "aucune compétence")
