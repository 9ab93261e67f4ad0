"""Les postes d'une situation, les tours, et le poste que l'on regarde dans sa grille."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Count, Max, Q, QuerySet, Value
from django.db.models.functions import Cast

from livret.situation.models.poste import Affectation, Poste
from livret.situation.models.situation import Situation
from trpm.base.preparees import Preparee
from trpm.textes import entier


@Preparee
def _postes(
    situation: int, classe: int, groupe: int | None, seul: int | None, numero: int
) -> QuerySet[Poste, Any]:
    scene = Situation(pk=situation, classe_id=classe, groupe_id=groupe, eleve_id=seul)
    # Une clé d’essai dépasse un petit entier : PostgreSQL la comparerait à rien.
    tour = Cast(Value(numero), BigIntegerField())
    ici = Q(affectations__tour=tour, affectations__eleve__in=scene.eleves().values("pk"))
    siens = Poste.objects.filter(situation=situation).order_by("ordre", "pk")
    return siens.annotate(effectif=Count("affectations", filter=ici), tours=Max("affectations__tour"))


@dataclass(frozen=True)
class Tournee:
    """Sans `poste`, on regarde la grille entière ; sans tour préparé, un poste montre tous les élèves."""

    postes: tuple[Poste, ...]
    tours: int
    poste: Poste | None
    tour: int

    @property
    def numeros(self) -> range:
        return range(1, self.tours + 1)

    @property
    def precedent(self) -> int:
        """0 au premier tour."""
        return self.tour - 1

    @property
    def suivant(self) -> int:
        """0 après le dernier tour."""
        return self.tour + 1 if self.tour < self.tours else 0

    def eleves(self) -> QuerySet[Affectation, int] | None:
        """Élèves postés là ; `None` : tous ceux de la situation."""
        if self.poste is None or not self.tours:
            return None
        return self.poste.affectations.filter(tour=self.tour).values_list("eleve", flat=True)

    def colonnes(self) -> set[str]:
        """Clés des colonnes préréglées ; vide : toutes."""
        return self.poste.cles() if self.poste else set()


def tournee(situation: Situation, poste: str = "", tour: str = "1") -> Tournee:
    """Les postes et leur effectif à ce tour, en une requête ; `LookupError` pour un poste ou un tour inconnu.

    L'effectif ne compte que les élèves que la situation vise encore.
    """
    numero = entier(tour) or 0
    postes = tuple(
        _postes(situation.pk, situation.classe_id, situation.groupe_id, situation.eleve_id, numero)
    )
    for un in postes:
        un.situation = situation
    tours = max((un.tours or 0 for un in postes), default=0)
    choisi = next((un for un in postes if str(un.pk) == poste), None)
    if (poste and choisi is None) or not 1 <= numero <= max(tours, 1):
        raise LookupError("Ce poste ou ce tour n’existe pas.")
    return Tournee(postes, tours, choisi, numero)
