"""Des dossiers en base aux grilles que l'on montre : un nombre constant de requêtes pour tous.

Un dossier figé ne se recalcule pas : sa grille est relue dans l'instantané en vigueur.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from certification.dossier.abregee import CompositionAbregee, MatiereAbregee
from certification.dossier.composition import Composition
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.matiere import Matiere
from certification.dossier.models import Dossier, DossierQuerySet
from certification.dossier.versions import VersionFigee, VersionFigeeQuerySet
from livret.personnes.homonymes import distinguer
from livret.personnes.inscriptions import tels_qu_inscrits
from trpm.base.preparees import Preparee


@dataclass(frozen=True)
class DossierLu:
    """Un dossier et sa grille ; `version` est l'instantané en vigueur, s'il est figé."""

    dossier: Dossier
    grille: GrilleEpreuve
    version: VersionFigee | None

    @property
    def nom(self) -> str:
        """Le candidat dans une liste : distingué d'un homonyme qui y est aussi."""
        return f"{self.grille.candidat}{self.dossier.eleve.precision}"

    @property
    def fige(self) -> bool:
        return self.version is not None

    @property
    def clos(self) -> bool:
        return self.dossier.clos

    @property
    def ouvert(self) -> bool:
        return not self.fige and not self.clos

    @property
    def etat(self) -> str:
        if self.clos:
            return "clos"
        return "figé" if self.fige else self.grille.etat_libelle

    @property
    def figeable(self) -> bool:
        return self.ouvert and not self.grille.obstacles()


def dossiers_lus(dossiers: Iterable[Dossier], *, abreges: bool = False) -> list[DossierLu]:
    """Grilles de ces dossiers, par ordre alphabétique ; le nombre de requêtes ne dépend pas du leur.

    `abreges` : réduites, pour les dossiers ouverts, à ce que la séance en montre.
    """
    return dossiers_de([dossier.pk for dossier in dossiers], abreges=abreges)


def dossiers_de(cles: Sequence[int], *, abreges: bool = False) -> list[DossierLu]:
    """Les mêmes, d'après leurs clés."""
    cles = tuple(cles)
    dossiers = _dossiers(cles)
    distinguer(dossier.eleve for dossier in dossiers)
    _sous_leur_referentiel(dossiers)
    versions = {version.dossier_id: version for version in _versions(cles)}
    ouverts = [dossier for dossier in dossiers if dossier.pk not in versions]
    composer = _composeur(ouverts, abreges=abreges)
    lus = []
    for dossier in dossiers:
        version = versions.get(dossier.pk)
        if version is not None:
            lus.append(DossierLu(dossier, GrilleEpreuve.depuis_json(version.contenu), version))
        else:
            lus.append(DossierLu(dossier, composer(dossier).grille(), None))
    return lus


@Preparee
def _dossiers(cles: tuple[int, ...]) -> DossierQuerySet:
    return Dossier.objects.filter(pk__in=cles).select_related(
        "commission__etablissement",
        "commission__epreuve__bloc",
        "commission__epreuve__referentiel",
        "commission__grille__referentiel",
        "eleve__option",
        "eleve__promotion__referentiel",
        "eleve__statut__voie",
    )


@Preparee
def _versions(dossiers: tuple[int, ...]) -> VersionFigeeQuerySet:
    siennes = VersionFigee.objects.en_vigueur().filter(dossier__in=dossiers)
    return siennes.select_related("figee_par", "verification")


def _composeur(ouverts: list[Dossier], *, abreges: bool) -> Callable[[Dossier], Composition]:
    if abreges:
        return partial(CompositionAbregee, MatiereAbregee(ouverts))
    return partial(Composition, Matiere(ouverts))


def _sous_leur_referentiel(dossiers: list[Dossier]) -> None:
    """Un candidat qui a changé de diplôme reste, devant une commission d'avant, celui qu'il y était."""
    tels = tels_qu_inscrits((dossier.eleve, dossier.cadre()) for dossier in dossiers)
    for dossier, tel in zip(dossiers, tels, strict=True):
        dossier.eleve = tel


def dossier_lu(dossier: Dossier) -> DossierLu:
    return dossiers_lus([dossier])[0]
