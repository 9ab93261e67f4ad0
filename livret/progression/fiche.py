"""Ce que montre la fiche d'une séquence : ce qu'elle travaille, et les gestes qui la déplacent."""

from __future__ import annotations

from collections import defaultdict

from livret.progression.attentes import attentes_de
from livret.progression.calendrier import SEMAINE
from livret.progression.models.sequence import Sequence
from referentiel.echelle import Degre
from referentiel.echelles import echelle_des, niveaux_de_la_grille
from referentiel.models import Competence, Detaillee, Tache


def taches_de(sequence: Sequence) -> list[tuple[Tache, bool]]:
    """Ses tâches, chacune évaluée ou seulement travaillée. Deux requêtes."""
    evaluees = set(sequence.taches_evaluees.values_list("pk", flat=True))
    return [(tache, tache.pk in evaluees) for tache in sequence.taches.order_by("activite__ordre", "ordre")]


def competences_de(
    sequence: Sequence,
) -> list[tuple[Competence, bool, Degre | None, list[tuple[Detaillee, bool]]]]:
    """Ses compétences : évaluée ou non, le niveau attendu à son semestre, ses détaillées. Six requêtes."""
    promotion = sequence.promotion
    echelle = echelle_des(niveaux_de_la_grille(promotion.grille_id))
    attentes = attentes_de([promotion])[promotion.pk]
    evaluees = set(sequence.competences_evaluees.values_list("pk", flat=True))
    precises = set(sequence.detaillees_evaluees.values_list("pk", flat=True))
    details: dict[int, list[tuple[Detaillee, bool]]] = defaultdict(list)
    for detaillee in sequence.detaillees.all():
        details[detaillee.competence_id].append((detaillee, detaillee.pk in precises))
    return [
        (
            competence,
            competence.pk in evaluees,
            echelle.degre(attentes.attendu(competence.code, sequence.semestre)),
            details[competence.pk],
        )
        for competence in sequence.competences.all()
    ]


def gestes_de(sequence: Sequence) -> list[tuple[str, str, str]]:
    """Les mêmes déplacements que la souris et le clavier, en boutons."""
    debut, fin = sequence.debut, sequence.fin
    gestes = [
        ("Une semaine plus tôt", debut - SEMAINE, fin - SEMAINE),
        ("Une semaine plus tard", debut + SEMAINE, fin + SEMAINE),
        ("Allonger d’une semaine", debut, fin + SEMAINE),
    ]
    if sequence.semaines > 1:
        gestes.append(("Raccourcir d’une semaine", debut, fin - SEMAINE))
    return [(nom, du.isoformat(), au.isoformat()) for nom, du, au in gestes]
