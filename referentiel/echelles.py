"""Les échelles d'un référentiel, lues en base."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from referentiel.correspondance import LectureDeGrille, NiveauPropre
from referentiel.echelle import Degre, Echelle
from referentiel.models import Correspondance, Grille, Niveau
from trpm.base.preparees import Preparee


def echelle_des(niveaux: Iterable[Niveau]) -> Echelle:
    degres = [(un.code, un.valeur, un.libelle, un.symbole) for un in niveaux]
    maximum = max((valeur for _, valeur, *_ in degres), default=0)
    return Echelle(tuple(Degre(*degre, maximum) for degre in degres))


@Preparee
def niveaux_de_la_grille(grille: int) -> QuerySet[Niveau]:
    """Niveaux de l'échelle d'une version de grille. Une requête."""
    return Niveau.objects.filter(echelle__grilles=grille)


def lectures(grilles: Iterable[int]) -> dict[int, LectureDeGrille]:
    """Ce que chacune de ces grilles lit, par identifiant. Deux requêtes.

    Tous les niveaux de la base y sont : une preuve se montre dans son échelle, d'où qu'elle vienne.
    """
    cles = tuple(sorted(set(grilles)))
    connues = _connues(cles)
    niveaux, correspondances = _niveaux(cles)
    echelles: dict[int, list[Degre]] = defaultdict(list)
    for propre in niveaux.values():
        echelles[propre.echelle].append(propre.degre)
    return {
        pk: LectureDeGrille(
            Echelle(tuple(echelles[echelle])),
            echelle,
            f"{intitule}, version {version}",
            niveaux,
            correspondances[pk],
        )
        for pk, echelle, intitule, version in connues
    }


@Preparee
def _connues(grilles: tuple[int, ...]) -> QuerySet[Grille, tuple[Any, ...]]:
    return Grille.objects.filter(pk__in=grilles).values_list("pk", "echelle_id", "intitule", "version")


def _niveaux(grilles: tuple[int, ...]) -> tuple[dict[int, NiveauPropre], dict[int, dict[int, int]]]:
    """Chaque niveau, et ce qu'en lit chaque grille qui le déclare."""
    lignes = _declares(grilles)
    maximum: dict[int, int] = {}
    for _, echelle, _, _, valeur, *_ in lignes:
        maximum[echelle] = max(valeur, maximum.get(echelle, 0))
    niveaux: dict[int, NiveauPropre] = {}
    correspondances: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, echelle, nom, code, valeur, libelle, symbole, grille, lue in lignes:
        if pk not in niveaux:
            degre = Degre(code, valeur, libelle, symbole, maximum[echelle])
            niveaux[pk] = NiveauPropre(degre, echelle, nom)
        if grille is not None:
            correspondances[grille][pk] = lue
    return niveaux, correspondances


@Preparee
def _declares(grilles: tuple[int, ...]) -> QuerySet[Niveau, tuple[Any, ...]]:
    declarees = FilteredRelation("correspondances", condition=Q(correspondances__grille__in=grilles))
    return (
        Niveau.objects.annotate(lue=declarees)
        .order_by("echelle__ordre", "echelle_id", "valeur")
        .values_list(
            *("pk", "echelle_id", "echelle__intitule", "code", "valeur", "libelle", "symbole"),
            *("lue__grille_id", "lue__vers__valeur"),
        )
    )


def valeur_lue(niveau: str, grille: str | int) -> Coalesce:
    """La valeur d'un niveau dans l'échelle d'une grille, en base ; nulle s'il n'y compte pas.

    `niveau`, `grille` : les chemins de l'un et de l'autre depuis la ligne ; ou la clé d'une grille.
    """
    laquelle = OuterRef(grille) if isinstance(grille, str) else grille
    propre = Niveau.objects.filter(pk=OuterRef(niveau), echelle__grilles=laquelle)
    lue = Correspondance.objects.filter(niveau=OuterRef(niveau), grille=laquelle)
    return Coalesce(Subquery(propre.values("valeur")[:1]), Subquery(lue.values("vers__valeur")[:1]))
