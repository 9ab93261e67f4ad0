"""Qui regarde, quel jour, et ses classes de cette année : ce que chaque notion lit pour l'accueil."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from livret.annee import rentree
from livret.personnes.classes import avec_effectif
from livret.personnes.models.classe import Classe, ClasseQuerySet
from livret.personnes.models.compte import Utilisateur
from trpm.base.preparees import Preparee
from trpm.permissions import Action

NON_LUES = ("identite", "commission", "anterieurs", "sources")
"""Du référentiel, ce que ni l'accueil ni la recherche ne disent : quatre JSON à décoder par classe."""
Equipe = tuple[tuple[int, ...], int, int]


@dataclass(frozen=True)
class Regard:
    """`classes` : celles qu'il suit ; `evaluees` : celles dont il est de l'équipe."""

    user: Utilisateur
    jour: datetime.date
    classes: tuple[Classe, ...] = ()
    evaluees: tuple[Classe, ...] = ()

    def effectif(self, classe: Classe) -> int:
        return classe.effectif  # type: ignore[attr-defined]  # compté par `regard`

    @property
    def equipe(self) -> Equipe:
        """De quoi retrouver les classes évaluées dans une requête gardée traduite (`classes_d_equipe`)."""
        return self.user.perimetre(Action.EVALUER).equipes, self.user.pk, self.evaluees[0].annee_id


def classes_d_equipe(equipes: tuple[int, ...], personne: int, annee: int) -> ClasseQuerySet:
    """Celles de l'année dont la personne est de l'équipe."""
    return Classe.objects.dans((), equipes, personne).filter(annee=annee)


def regard(user: Utilisateur, jour: datetime.date) -> Regard:
    """Une requête ; deux pour qui administre et enseigne ; aucune pour qui ne suit pas de classe."""
    entiers, equipes, personne = user.perimetre(Action.VOIR_CLASSE)
    if not (entiers or equipes):
        return Regard(user, jour)
    classes = de_l_annee(_suivies(entiers, equipes, personne), jour)
    if not entiers:
        return Regard(user, jour, classes, classes)
    siennes = set(_evaluees(*user.perimetre(Action.EVALUER)))
    return Regard(user, jour, classes, tuple(une for une in classes if une.pk in siennes))


@Preparee
def _suivies(entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int | None) -> ClasseQuerySet:
    return (
        avec_effectif(Classe.objects.dans(entiers, equipes, personne))
        .select_related("annee", "promotion__option", "promotion__referentiel", "etablissement")
        .defer(*(f"promotion__referentiel__{nom}" for nom in NON_LUES))
    )


@Preparee
def _evaluees(
    entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int | None
) -> QuerySet[Classe, int]:
    return Classe.objects.dans(entiers, equipes, personne).values_list("pk", flat=True)


def de_l_annee(classes: Iterable[Classe], jour: datetime.date) -> tuple[Classe, ...]:
    """Celles de l'année en cours ou, à défaut, de la dernière année connue."""
    toutes = list(classes)
    annees = {classe.annee.debut for classe in toutes}
    courante = rentree(jour)
    annee = max((une for une in annees if une <= courante), default=max(annees, default=0))
    return tuple(classe for classe in toutes if classe.annee.debut == annee)
