"""Figer, rouvrir : ce que seul le président fait, sous verrou et dans une transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from certification.dossier.grille.citations import CommissionCitee
from certification.dossier.models import Dossier
from certification.dossier.resultats import DossierLu, dossiers_lus
from certification.dossier.versions import DossierClos, VersionFigee
from livret.models import Utilisateur


@dataclass(frozen=True)
class Figement:
    """Ce qu'un lot a figé, et ce qu'il a laissé ouvert avec les raisons."""

    figes: tuple[DossierLu, ...]
    laisses: tuple[DossierLu, ...]


def refuser_sans_presences(commission: CommissionCitee, choisi: bool) -> None:
    """Figer sans savoir qui était là se choisit : le procès-verbal le dira en blanc."""
    if (noms := commission.presences_a_noter) and not choisi:
        raise ValidationError(
            f"La présence n’est pas notée pour {', '.join(noms)}\xa0: notez-la sur la page de la commission, "
            "ou cochez «\xa0Figer sans noter les présences\xa0»."
        )


@transaction.atomic
def figer(dossier: Dossier, par: Utilisateur, *, sans_presences: bool = True) -> VersionFigee:
    """Fige un dossier ; `ValidationError` dit ce qui s'y oppose. `sans_presences` : des présences en blanc
    sont admises."""
    verrouille = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    verrouille.refuser_si_fige()
    lu = dossiers_lus([verrouille])[0]
    if obstacles := lu.grille.obstacles():
        raise ValidationError([*obstacles])
    refuser_sans_presences(lu.grille.commission, sans_presences)
    return verrouille.figer(lu.grille.vers_json(), par, timezone.now())


@transaction.atomic
def figer_tous(dossiers: Iterable[Dossier], par: Utilisateur, *, sans_presences: bool = True) -> Figement:
    """Fige tous ceux qui peuvent l'être ; les autres restent ouverts, aucun n'est figé à moitié.

    `ValidationError`, et rien n'est figé, si des présences sont en blanc sans qu'on l'ait choisi.
    """
    cles = [dossier.pk for dossier in dossiers]
    verrouilles = list(Dossier.objects.select_for_update(of=("self",)).filter(pk__in=cles).order_by("pk"))
    lus = [lu for lu in dossiers_lus(verrouilles) if lu.ouvert]
    figes = tuple(lu for lu in lus if lu.figeable)
    maintenant = timezone.now()
    for lu in figes:
        refuser_sans_presences(lu.grille.commission, sans_presences)
    for lu in figes:
        lu.dossier.figer(lu.grille.vers_json(), par, maintenant)
    return Figement(figes, tuple(lu for lu in lus if not lu.figeable))


@transaction.atomic
def rouvrir(dossier: Dossier, motif: str, par: Utilisateur) -> VersionFigee:
    verrouille = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    if verrouille.clos:
        raise DossierClos
    version = verrouille.versions.en_vigueur().first()
    if version is None:
        raise ValidationError("Ce dossier n’est pas figé.")
    version.rouvrir(motif, par, timezone.now())
    return version
