"""Qui se sert d'un référentiel : quelles promotions suivent quelle grille, et qui a le droit de le changer.

Un établissement seul change le sien ; à plusieurs, une personne nommée (Q54).

Un import ne met rien en service, mais il corrige des intitulés et ajoute à ce que tous lisent : quand
plusieurs établissements s'en servent, ce n'est plus à l'administrateur de l'un d'eux d'en décider.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from referentiel.models import Grille, Referentiel
from trpm.permissions import Action

GESTIONNAIRE = "referentiel.gerer_referentiel_partage"
"""Droit donné par l'administration technique, pour toute l'installation ; un superutilisateur l'a."""


def refus_de_changer(user: Any, code: str, version: str) -> str:
    """Pourquoi cette personne ne change pas ce référentiel ; vide si elle le peut."""
    servi = Referentiel.objects.filter(code=code, version=version, promotions__isnull=False)
    lieux = set(servi.values_list("promotions__etablissement", flat=True))
    siens = user.etablissements(Action.IMPORTER_REFERENTIEL)
    if (len(lieux) < 2 and lieux <= siens) or user.has_perm(GESTIONNAIRE):
        return ""
    qui = "Plusieurs établissements se servent" if len(lieux) > 1 else "Un autre établissement se sert"
    return (
        f"{qui} de {code} {version} : seule une personne nommée gestionnaire du référentiel pour toute "
        "l’installation le change. Demandez-le à qui tient l’installation, ou importez une autre version."
    )


@dataclass(frozen=True)
class GrilleSuivie:
    """Une version, les promotions qui la suivent ici, et la session de la plus récente (0 : aucune)."""

    grille: Grille
    promotions: tuple[str, ...]
    session: int


def grilles_suivies(referentiel: Referentiel, lieux: Iterable[int]) -> list[GrilleSuivie]:
    """Celles que suit une promotion de ces établissements d'abord, de la session la plus récente à la plus
    ancienne ; puis les autres. Deux requêtes."""
    grilles = list(referentiel.grilles.select_related("echelle"))
    suivent: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for pk, session, nom in (
        Grille.objects.filter(referentiel=referentiel, promotions__etablissement__in=list(lieux))
        .values_list("pk", "promotions__session", "promotions__nom")
        .order_by("-promotions__session", "promotions__nom")
    ):
        suivent[pk].append((session, nom))
    vues = [
        GrilleSuivie(
            grille,
            tuple(nom for _, nom in suivent[grille.pk]),
            max((session for session, _ in suivent[grille.pk]), default=0),
        )
        for grille in grilles
    ]
    return sorted(vues, key=lambda une: -une.session)


def grille_demandee(vues: list[GrilleSuivie], version: str | None) -> GrilleSuivie | None:
    """Celle de cette version (`Http404` s'il n'y en a pas) ; sans version, la première de la liste."""
    if version is None:
        return next(iter(vues), None)
    demandee = next((une for une in vues if une.grille.version == version), None)
    if demandee is None:
        raise Http404(f"Aucune grille {version} dans ce référentiel.")
    return demandee
