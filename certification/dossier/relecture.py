"""Une version figée, rouverte ou non, relue telle quelle dans son instantané."""

from __future__ import annotations

from dataclasses import dataclass

from certification.dossier.grille.ecarts import ecarts
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.resultats import DossierLu, dossier_lu
from certification.dossier.versions import VersionFigee


def version_lue(version: VersionFigee) -> DossierLu:
    """Le même objet que le dossier en vigueur : les mêmes pages et les mêmes documents le montrent."""
    return DossierLu(version.dossier, GrilleEpreuve.depuis_json(version.contenu), version)


@dataclass(frozen=True)
class Comparaison:
    titre: str
    ecarts: tuple[str, ...]


def comparaisons(lu: DossierLu) -> tuple[Comparaison, ...]:
    """Ce qui a changé depuis la version d'avant, puis, si celle-ci fut rouverte, ce qui a changé après."""
    version = lu.version
    if version is None:
        return ()
    voisines = {
        une.numero: une
        for une in version.dossier.versions.filter(numero__in=[version.numero - 1, version.numero + 1])
    }
    faites = []
    if avant := voisines.get(version.numero - 1):
        relue = GrilleEpreuve.depuis_json(avant.contenu)
        faites.append(Comparaison(f"Depuis la version {avant.numero}", ecarts(relue, lu.grille)))
    if apres := voisines.get(version.numero + 1):
        relue = GrilleEpreuve.depuis_json(apres.contenu)
        faites.append(Comparaison(f"Ensuite, dans la version {apres.numero}", ecarts(lu.grille, relue)))
    elif version.rouverte_le:
        actuelle = dossier_lu(version.dossier).grille
        faites.append(Comparaison("Ensuite, dans le dossier rouvert", ecarts(lu.grille, actuelle)))
    return tuple(faites)
