"""Les commissions d'une session devant une autre grille : celles qui suivent, celles qui gardent la leur."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from certification.commission.models import Commission
from certification.dossier.models import Decision, Dossier
from certification.dossier.versions import VersionFigee
from livret.models import Promotion
from referentiel.models import Grille


@dataclass(frozen=True)
class CommissionTouchee:
    """`garde` : pourquoi elle garde sa grille ; vide si elle suit la promotion."""

    commission: Commission
    garde: str = ""


def touchees(promotion: Promotion, vers: Grille) -> list[CommissionTouchee]:
    """Celles de la session, ouvertes, qui jugent sur la grille que la promotion quitte. Deux requêtes."""
    dossiers = Dossier.objects.filter(commission=OuterRef("pk"))
    decisions = Decision.objects.filter(dossier__commission=OuterRef("pk"))
    proposees = dossiers.filter(note_proposee__isnull=False)
    figees = VersionFigee.objects.filter(dossier__commission=OuterRef("pk"))
    siennes = list(
        Commission.objects.ouvertes()
        .filter(
            etablissement=promotion.etablissement_id, session=promotion.session, grille=promotion.grille_id
        )
        .annotate(decidee=Exists(decisions) | Exists(proposees), figee=Exists(figees))
        .select_related("epreuve")
        .order_by("epreuve__ordre", "pk")
    )
    autres: dict[int, set[str]] = {}
    restent = (
        Dossier.objects.filter(commission__in=siennes)
        .exclude(eleve__promotion=promotion)
        .exclude(eleve__promotion__grille=vers)
    )
    for commission, nom in restent.order_by().values_list("commission", "eleve__promotion__nom").distinct():
        autres.setdefault(commission, set()).add(nom)
    return [CommissionTouchee(une, _garde(une, autres.get(une.pk, set()))) for une in siennes]


def _garde(commission: Commission, autres: set[str]) -> str:
    if commission.figee:  # type: ignore[attr-defined]
        return "des dossiers y ont été figés : elle garde sa grille"
    if commission.decidee:  # type: ignore[attr-defined]
        return "elle a commencé à décider : elle garde sa grille"
    if autres:
        return f"elle juge aussi {', '.join(sorted(autres))} : elle suivra avec la dernière de ces promotions"
    return ""
