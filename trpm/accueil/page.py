"""Ce que l'accueil montre, et la page qui le montre, gardée tant qu'il montre la même chose.

La liste se relit à chaque visite ; l'écrire en prend autant. Le gabarit ne reçoit que ce `Montre` : rien
d'autre ne peut changer ce qu'il écrit. Une invitation porte un jeton : elle s'écrit à part, chaque fois.
"""

from __future__ import annotations

from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString

from livret.models import Utilisateur
from trpm.a_faire import AFaire, Echeance
from trpm.acces import peut
from trpm.accueil.liste import Accueil
from trpm.accueil.premier_pas import PremierPas, premier_pas
from trpm.base.revisions import Reserve
from trpm.permissions import Action

DITES = (Action.VOIR_CLASSE, Action.PREPARER_COMMISSION, Action.VOIR_COMMISSION, Action.INSPECTER)
PLACE = 4_000_000
"""Signes : cinq cents accueils."""


class ClasseMontree(NamedTuple):
    """`option` : vide si le diplôme n'en a qu'une ; `evaluee` : la personne est de son équipe."""

    pk: int
    nom: str
    option: str
    session: int
    effectif: int
    evaluee: bool


class Montre(NamedTuple):
    """`eleve` : la clé de sa fiche ; `lieu` : où le site est servi, que disent toutes ses adresses."""

    eleve: int | None
    nouvelles: tuple[AFaire, ...]
    lignes: tuple[AFaire, ...]
    premier_pas: PremierPas | None
    annee: str
    classes: tuple[ClasseMontree, ...]
    echeances: tuple[Echeance, ...]
    droits: tuple[str, ...]
    lieu: str


_ECRITS: Reserve[int, SafeString] = Reserve(PLACE, len)


def contenu(user: Utilisateur, accueil: Accueil) -> SafeString:
    montre = {user.pk: _montre(user, accueil)}
    ecrits = _ECRITS.connues(montre)
    if not ecrits:
        ecrits = {user.pk: render_to_string("accueil/_contenu.html", {"montre": montre[user.pk]})}
        _ECRITS.garder(montre, ecrits)
    return ecrits[user.pk]


def _montre(user: Utilisateur, accueil: Accueil) -> Montre:
    evaluees = {une.pk for une in accueil.evaluees}
    return Montre(
        accueil.eleve.pk if accueil.eleve else None,
        accueil.nouvelles if accueil.eleve else (),
        accueil.lignes,
        None if accueil.lignes else premier_pas(accueil),
        str(accueil.classes[0].annee) if accueil.classes else "",
        tuple(
            ClasseMontree(
                une.pk,
                une.nom,
                une.promotion.option.dite if une.promotion.option.mention else "",
                une.promotion.session,
                accueil.regard.effectif(une),
                une.pk in evaluees,
            )
            for une in accueil.classes
        ),
        accueil.echeances,
        tuple(une.value for une in DITES if peut(user, une)),
        get_script_prefix(),
    )
