"""Les échelles d'un référentiel, lues en base."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from referentiel.echelle import Degre, Echelle
from referentiel.models import Grille, Niveau
from trpm.base.preparees import Preparee


def echelles_de(grilles: Iterable[Grille]) -> dict[int, Echelle]:
    """Échelle de chaque grille, par identifiant d'échelle. Une requête."""
    niveaux: dict[int, list[Niveau]] = defaultdict(list)
    for niveau in Niveau.objects.filter(echelle__in={grille.echelle_id for grille in grilles}):
        niveaux[niveau.echelle_id].append(niveau)
    return {echelle: echelle_des(groupe) for echelle, groupe in niveaux.items()}


def echelle_des(niveaux: list[Niveau]) -> Echelle:
    maximum = max((niveau.valeur for niveau in niveaux), default=0)
    return Echelle(tuple(Degre(n.code, n.valeur, n.libelle, n.symbole, maximum) for n in niveaux))


@Preparee
def niveaux_en_vigueur(referentiel: int) -> QuerySet[Niveau]:
    """Niveaux de l'échelle qui sert par défaut dans cette version du référentiel. Une requête."""
    grilles = Grille.objects.filter(referentiel=referentiel).order_by("-ordre", "-pk")
    return Niveau.objects.filter(echelle=grilles.values("echelle")[:1])
