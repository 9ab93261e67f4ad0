"""Ce qu'une version de grille donne à un livret : son échelle, et la place de chaque compétence.

Le livret suit les compétences du référentiel, non les poids : ceux-ci disent seulement où les ranger.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet, prefetch_related_objects

from referentiel.correspondance import LectureDeGrille
from referentiel.echelles import lectures
from referentiel.models import Competence, Epreuve, Poids
from trpm.base.preparees import Preparee
from trpm.base.revisions import gardee

SANS_EPREUVE = ("", "Compétences qu’aucune épreuve de la grille n’évalue")


def titre(epreuves: Sequence[Epreuve]) -> tuple[str, str]:
    """Le code et l'intitulé sous lesquels une compétence se range."""
    return (epreuves[0].code, epreuves[0].intitule) if epreuves else SANS_EPREUVE


@dataclass(frozen=True)
class CadreLivret:
    """`options` : pour chaque compétence, les options où une grille du référentiel, celle-ci ou une autre,
    la rattache à une épreuve ; `None` y vaut pour toutes."""

    lecture: LectureDeGrille
    competences: tuple[Competence, ...]
    poids: tuple[Poids, ...]
    options: Mapping[int, set[int | None]]

    @cached_property
    def codes(self) -> dict[int, str]:
        return {une.pk: une.code for une in self.competences}

    def rangees(
        self, option: int, montrees: Collection[str] = ()
    ) -> list[tuple[Competence, tuple[Epreuve, ...]]]:
        """Les compétences de l'option et les épreuves qui les évaluent, dans l'ordre où on les montre.

        `montrees` : codes de celles où il y a de quoi montrer, fût-ce d'une autre option.
        """
        places = []
        rattachees = self._epreuves(option)
        for rang, une in enumerate(self.competences):
            epreuves = rattachees[une.pk]
            if epreuves or une.code in montrees or self._concerne(une.pk, option):
                ordre = (epreuves[0].ordre, epreuves[0].pk) if epreuves else (math.inf, 0)
                places.append(((*ordre, rang), une, tuple(epreuves)))
        return [(une, epreuves) for _, une, epreuves in sorted(places, key=lambda place: place[0])]

    def _epreuves(self, option: int) -> dict[int, list[Epreuve]]:
        rattachees: dict[int, dict[int, Epreuve]] = defaultdict(dict)
        for poids in self.poids:
            if poids.option_id in (None, option):
                rattachees[poids.competence_id][poids.epreuve_id] = poids.epreuve
        return defaultdict(
            list,
            {
                competence: sorted(siennes.values(), key=lambda epreuve: (epreuve.ordre, epreuve.pk))
                for competence, siennes in rattachees.items()
            },
        )

    def _concerne(self, competence: int, option: int) -> bool:
        """Une compétence n'est d'une autre option que si les grilles ne la pèsent que là."""
        pesee = self.options.get(competence)
        return not pesee or bool(pesee & {None, option})


def cadres(versions: Mapping[int, int], *, details: bool = True) -> dict[int, CadreLivret]:
    """Cadre de chaque grille, d'après son référentiel. Une requête tant que rien n'y change.

    `details` : avec les compétences détaillées de chacune.
    """
    return _cadres(tuple(sorted(versions.items())), details)


@gardee(16)
def _cadres(grilles: tuple[tuple[int, int], ...], details: bool) -> dict[int, CadreLivret]:
    """Cinq requêtes, quel que soit leur nombre ; sans les détails, une de moins."""
    versions = dict(grilles)
    referentiels = tuple(sorted(set(versions.values())))
    lues = lectures(versions)
    poids: dict[int, list[Poids]] = defaultdict(list)
    options: dict[int, set[int | None]] = defaultdict(set)
    for ligne in _poids(referentiels):
        poids[ligne.grille_id].append(ligne)
        options[ligne.competence_id].add(ligne.option_id)
    competences: dict[int, list[Competence]] = defaultdict(list)
    toutes = _competences(referentiels)
    if details:
        prefetch_related_objects(toutes, "detaillees")
    for une in toutes:
        competences[une.referentiel_id].append(une)
    return {
        grille: CadreLivret(lues[grille], tuple(competences[version]), tuple(poids[grille]), options)
        for grille, version in versions.items()
    }


@Preparee
def _poids(referentiels: tuple[int, ...]) -> QuerySet[Poids, Poids]:
    return Poids.objects.filter(grille__referentiel__in=referentiels).select_related("epreuve")


@Preparee
def _competences(referentiels: tuple[int, ...]) -> QuerySet[Competence, Competence]:
    return Competence.objects.filter(referentiel__in=referentiels)
