"""Quand rien n'attend : quoi faire d'abord, et le bouton qui y mène."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from trpm.acces import peut
from trpm.accueil.liste import Accueil
from trpm.permissions import Action

RIEN = "Rien ne vous attend."


@dataclass(frozen=True)
class PremierPas:
    texte: str
    acte: str = ""
    adresse: str = ""


def premier_pas(accueil: Accueil) -> PremierPas:
    """Selon ce que tient la personne : une classe à évaluer, un établissement, son livret, une commission."""
    user = accueil.regard.user
    if accueil.evaluees:
        classe = accueil.evaluees[0]
        return PremierPas(
            f"{RIEN} Préparez la prochaine situation d’évaluation.",
            f"Créer une situation en {classe.nom}",
            reverse("livret:situation-create", args=[classe.pk]),
        )
    if peut(user, Action.ADMINISTRER):
        if accueil.classes:
            return PremierPas(RIEN, "Tenir l’établissement", reverse("livret:administration"))
        vide = "Aucune classe n’existe encore\xa0: des classes aux équipes, l’ouverture se fait pas à pas."
        lieu = min(user.etablissements(Action.ADMINISTRER))
        return PremierPas(vide, "Poursuivre l’ouverture", reverse("livret:ouverture", args=[lieu]))
    if accueil.eleve:
        ou = f"{RIEN} Votre livret montre où vous en êtes."
        return PremierPas(ou, "Ouvrir mon livret", reverse("livret:mon-livret"))
    return _sans_classe(accueil)


def _sans_classe(accueil: Accueil) -> PremierPas:
    user = accueil.regard.user
    if peut(user, Action.PREPARER_COMMISSION):
        return PremierPas(
            f"{RIEN} Une commission se prépare avec son épreuve, sa date et ses membres.",
            "Préparer une commission",
            reverse("certification:commission-create"),
        )
    if peut(user, Action.VOIR_COMMISSION):
        vos = f"{RIEN} Vos commissions apparaissent ici dès que vous en êtes membre."
        return PremierPas(vos, "Voir les commissions", reverse("certification:commissions"))
    if peut(user, Action.VOIR_CLASSE):
        return PremierPas(
            "Vous n’êtes dans l’équipe d’aucune classe. L’administrateur de l’établissement compose les "
            "équipes pédagogiques."
        )
    if user.is_superuser:
        return PremierPas(
            "Vous tenez cette installation. Un établissement s’ouvre pas à pas\xa0: vous l’administrerez.",
            "Ouvrir un établissement",
            reverse("livret:ouverture-etablissement"),
        )
    return PremierPas(
        "Votre compte n’a pas encore de rôle. L’administrateur de votre établissement peut vous en donner un."
    )
