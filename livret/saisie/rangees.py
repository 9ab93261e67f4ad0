"""Les rangées d'une grille que l'on affiche, gardées élève par élève tant que rien n'y change.

Lire deux mille cases, les ranger et les écrire fait les deux tiers d'une grille ; d'une fois sur l'autre, peu
ont changé. La révision d'une rangée, que la base tient, est celle de son élève, de la classe et de ce que
partagent les établissements ; le nom que ses homonymes précisent et la photo, qui viennent d'ailleurs, se
comparent. Une rangée ne dit rien de qui regarde, sinon s'il peut écrire.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db import connection
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone

from livret.personnes.photo import PhotoEleve
from livret.saisie.feuille import FeuilleDeSaisie, remplie, sans_cases
from livret.saisie.grille import LigneDeSaisie, grille_de
from livret.saisie.table_html import rangee
from livret.situation.colonnes import CompetenceVisee
from livret.situation.models.situation import Situation
from livret.situation.tournee import Tournee
from referentiel.echelle import Echelle
from trpm.base.revisions import SOMME, Reserve

SIGNES_GARDES = 6_000_000
"""Par processus : une quinzaine de grilles de 30 élèves et 69 colonnes, cinquante d'une douzaine."""


class Rangee(NamedTuple):
    html: str
    notee: bool


@dataclass(frozen=True)
class GrilleAffichee:
    """Ce que la page montre d'une grille où rien n'est refusé ni en conflit."""

    echelle: Echelle
    groupes: tuple[CompetenceVisee, ...]
    lignes: tuple[Rangee, ...]

    @property
    def notes(self) -> int:
        """Combien d'élèves portent au moins un niveau ou une mention."""
        return sum(ligne.notee for ligne in self.lignes)

    @property
    def rangees(self) -> SafeString:
        return mark_safe("".join([ligne.html for ligne in self.lignes]))


Cle = tuple[object, ...]
RANGEES: Reserve[Cle, Rangee] = Reserve(SIGNES_GARDES, lambda une: len(une.html))

_SOMME = f"{SOMME} WHERE r.genre ="
_REVISIONS = (
    f"SELECT a.eleve_id, ({_SOMME} 'commune'), ({_SOMME} 'classe' AND r.cle = s.classe_id), "  # noqa: S608
    f"({_SOMME} 'eleve' AND r.cle = a.eleve_id) FROM livret_situation s "
    "JOIN livret_scolarite a ON a.classe_id = s.classe_id WHERE s.id = %s"
)


def revisions_des_rangees(situation: int) -> dict[int, tuple[int, ...]]:
    """Par élève passé dans la classe de cette situation, la révision de sa rangée. Une requête, à faire avant
    de lire la situation : un contenu plus neuf que sa révision sera relu, jamais l'inverse."""
    with connection.cursor() as curseur:
        curseur.execute(_REVISIONS, [situation])
        return {eleve: tuple(map(int, parts)) for eleve, *parts in curseur.fetchall()}


def affichee(
    situation: Situation,
    parcours: Tournee,
    revisions: Mapping[int, Hashable],
    *,
    modifiable: bool,
) -> GrilleAffichee:
    """La grille entière, ou d'un poste à un tour ; `revisions` : `revisions_des_rangees`."""
    feuille, colonnes = sans_cases(situation, parcours.eleves()), parcours.colonnes()
    photos = PhotoEleve.objects.adresses(situation.classe, feuille.eleves)
    fuseau = get_current_timezone()
    scene = (situation.pk, modifiable, str(fuseau), frozenset(colonnes))
    # Inscrit depuis que les révisions sont lues, un élève n'en a pas : sa rangée ne sert qu'une fois.
    sues: dict[Cle, Hashable] = {
        (*scene, pk): (revisions.get(pk, object()), str(eleve), photos.get(pk))
        for pk, eleve in feuille.eleves.items()
    }
    rangees = RANGEES.connues(sues)
    if a_lire := [pk for pk in feuille.eleves if (*scene, pk) not in rangees]:
        neuves: dict[Cle, Rangee] = {
            (*scene, ligne.eleve.pk): Rangee(
                rangee(ligne, situation.pk, modifiable, fuseau, photos.get(ligne.eleve.pk, "")), ligne.notee
            )
            for ligne in _lignes(feuille, a_lire, colonnes)
        }
        RANGEES.garder(sues, neuves)
        rangees |= neuves
    cadre = grille_de(replace(feuille, eleves={})).reduite(colonnes)
    return GrilleAffichee(cadre.echelle, cadre.groupes, tuple(rangees[cle] for cle in sues))


def _lignes(
    feuille: FeuilleDeSaisie, eleves: list[int], colonnes: Collection[str]
) -> tuple[LigneDeSaisie, ...]:
    siennes = replace(feuille, eleves={pk: feuille.eleves[pk] for pk in eleves})
    return grille_de(remplie(siennes, tuple(eleves))).reduite(colonnes).lignes
