"""Qui regarde, quel jour, et ses classes de cette année : ce que chaque notion lit pour l'accueil."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from livret.annee import rentree
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from trpm.permissions import Action, Role


@dataclass(frozen=True)
class Regard:
    """`classes` : celles qu'il suit ; `evaluees` : celles dont il est de l'équipe."""

    user: Utilisateur
    jour: datetime.date
    classes: tuple[Classe, ...] = ()
    evaluees: tuple[Classe, ...] = ()

    def effectif(self, classe: Classe) -> int:
        return classe.effectif  # type: ignore[attr-defined]  # compté par `regard`


def regard(user: Utilisateur, jour: datetime.date) -> Regard:
    """Une requête ; deux pour qui administre et enseigne ; aucune pour qui ne suit pas de classe."""
    presents = Count("scolarites", filter=Q(scolarites__sortie__isnull=True))
    suivies = (
        Classe.objects.for_user(user, Action.VOIR_CLASSE)
        .select_related("annee", "promotion__option", "promotion__referentiel", "etablissement")
        .annotate(effectif=presents)
    )
    classes = de_l_annee(suivies, jour)
    if not user.etablissements(Action.VOIR_CLASSE, Role.ADMINISTRATEUR):
        return Regard(user, jour, classes, classes)
    siennes = set(Classe.objects.for_user(user, Action.EVALUER).values_list("pk", flat=True))
    return Regard(user, jour, classes, tuple(une for une in classes if une.pk in siennes))


def de_l_annee(classes: Iterable[Classe], jour: datetime.date) -> tuple[Classe, ...]:
    """Celles de l'année en cours ou, à défaut, de la dernière année connue."""
    toutes = list(classes)
    annees = {classe.annee.debut for classe in toutes}
    courante = rentree(jour)
    annee = max((une for une in annees if une <= courante), default=max(annees, default=0))
    return tuple(classe for classe in toutes if classe.annee.debut == annee)
