"""Les niveaux attendus, de la base aux règles pures d'`attendu`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from livret.annee import semestre_du_cycle
from livret.personnes.models.classe import Classe, Promotion
from livret.progression.attendu import Attentes, RepereEleve, reperes
from livret.progression.models.echelle import Attente, EchelleAttendue
from livret.synthese.ligne import CaseTableau
from livret.synthese.tableau import RangeeTableau, Tableau
from referentiel.echelles import valeur_lue
from trpm.base.preparees import Preparee


def attentes_de(promotions: Iterable[Promotion | int]) -> dict[int, Attentes]:
    """Échelle en vigueur de chaque promotion, par identifiant ; vide tant que rien n'est attendu.

    Un niveau attendu dans une échelle que la grille de la promotion ne lit pas n'attend rien (Q47).

    Une requête. S'emploie ainsi : `attentes_de([p])[p.pk].position("C1", ligne.valeur, semestre)`.
    """
    cles = {une.pk if isinstance(une, Promotion) else une for une in promotions}
    competences: dict[int, dict[str, dict[int, int]]] = {cle: {} for cle in cles}
    detaillees: dict[int, dict[int, dict[int, int]]] = {cle: {} for cle in cles}
    for promotion, code, detaillee, semestre, valeur in _en_vigueur(tuple(sorted(cles))):
        if detaillee is None:
            competences[promotion].setdefault(code, {})[semestre] = valeur
        else:
            detaillees[promotion].setdefault(detaillee, {})[semestre] = valeur
    return {cle: Attentes(competences[cle], detaillees[cle]) for cle in cles}


@Preparee
def _en_vigueur(promotions: tuple[int, ...]) -> QuerySet[Attente, tuple[Any, ...]]:
    derniere = EchelleAttendue.objects.filter(promotion=OuterRef("echelle__promotion")).order_by("-numero")
    en_vigueur = Attente.objects.filter(
        echelle__promotion__in=promotions, echelle=Subquery(derniere.values("pk")[:1])
    ).annotate(lue=valeur_lue("niveau", "echelle__promotion__grille"))
    return en_vigueur.filter(lue__isnull=False).values_list(
        "echelle__promotion_id", "competence__code", "detaillee_id", "semestre", "lue"
    )


def semestre_de(classe: Classe, jour: datetime.date) -> int:
    """Semestre du cycle où en est une classe ce jour, ramené dans son année scolaire."""
    jour = classe.annee.jour_proche(jour)
    return semestre_du_cycle(classe.cycle, classe.niveau, jour, classe.etablissement.second_semestre)


RangeeSituee = tuple[RangeeTableau, list[tuple[CaseTableau | None, RepereEleve | None]]]


def rangees_situees(tableau: Tableau, attentes: dict[int, Attentes], semestre: int) -> list[RangeeSituee]:
    """Le tableau d'une classe, chaque case avec son repère."""
    connus: dict[tuple[int, str, int | None], RepereEleve] = {}

    def repere(livret: RangeeTableau, ligne: CaseTableau) -> RepereEleve:
        cle = livret.eleve.promotion_id, ligne.code, ligne.valeur
        if cle not in connus:
            siennes = attentes.get(livret.eleve.promotion_id, Attentes())
            connus[cle] = reperes([ligne], livret.echelle, siennes, semestre)[ligne.code]
        return connus[cle]

    return [
        (livret, [(ligne, repere(livret, ligne) if ligne else None) for ligne in lignes])
        for livret, lignes in tableau.rangees
    ]
