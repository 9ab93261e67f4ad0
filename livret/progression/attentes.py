"""Les niveaux attendus, de la base aux règles pures d'`echelle_attendue`."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, Subquery

from livret.personnes.models.classe import Promotion
from livret.progression.attendu import Attentes
from livret.progression.models.echelle import Attente, EchelleAttendue


def attentes_de(promotions: Iterable[Promotion | int]) -> dict[int, Attentes]:
    """Échelle en vigueur de chaque promotion, par identifiant ; vide tant que rien n'est attendu.

    Une requête. S'emploie ainsi : `attentes_de([p])[p.pk].position("C1", ligne.valeur, semestre)`.
    """
    cles = {une.pk if isinstance(une, Promotion) else une for une in promotions}
    competences: dict[int, dict[str, dict[int, int]]] = {cle: {} for cle in cles}
    detaillees: dict[int, dict[int, dict[int, int]]] = {cle: {} for cle in cles}
    derniere = EchelleAttendue.objects.filter(promotion=OuterRef("echelle__promotion")).order_by("-numero")
    for promotion, code, detaillee, semestre, valeur in Attente.objects.filter(
        echelle__promotion__in=cles, echelle=Subquery(derniere.values("pk")[:1])
    ).values_list("echelle__promotion_id", "competence__code", "detaillee_id", "semestre", "niveau__valeur"):
        if detaillee is None:
            competences[promotion].setdefault(code, {})[semestre] = valeur
        else:
            detaillees[promotion].setdefault(detaillee, {})[semestre] = valeur
    return {cle: Attentes(competences[cle], detaillees[cle]) for cle in cles}
