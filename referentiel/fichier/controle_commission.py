"""Ce qu'un schéma ne sait pas dire des règles de commission d'un référentiel."""

from __future__ import annotations

from typing import Any


def regles_de_commission(controle: Any) -> None:
    """Un code une fois, des épreuves déclarées, des bornes dans l'ordre ; `controle` est un `Controle`."""
    commission = controle.racine.enfant("commission")
    qualites = list(commission.enfants("qualites"))
    controle.uniques_parmi(qualites, "La qualité")
    for qualite in qualites:
        for chemin, code in qualite.textes("epreuves"):
            controle.connu(chemin, code, controle.epreuves, "aucune épreuve")
    for table, bas, haut in (("situations", "minimum", "maximum"), ("mois", "premier", "dernier")):
        noeud = commission.enfant(table)
        moins, plus = noeud.nombre(bas), noeud.nombre(haut)
        if moins is not None and plus is not None and moins > plus:
            controle.faute(
                (*noeud.chemin, haut),
                f"« {haut} » ({plus}) est avant « {bas} » ({moins}). Corrigez l’un des deux.",
            )
