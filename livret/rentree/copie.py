"""Ce que la promotion des entrants reprend de la précédente : son échelle, sa progression un an plus tard."""

from __future__ import annotations

import datetime

from livret.personnes.models.classe import Promotion
from livret.personnes.models.compte import Utilisateur
from livret.progression.models.echelle import Attente, EchelleAttendue
from livret.progression.models.sequence import PfmpPrevue, Sequence

UN_AN = datetime.timedelta(weeks=52)
"""Des semaines entières : le lundi le reste."""
LIENS = (
    "taches",
    "taches_evaluees",
    "competences",
    "competences_evaluees",
    "detaillees",
    "detaillees_evaluees",
)


def copier_echelle(de: Promotion, vers: Promotion, par: Utilisateur, le: datetime.datetime) -> list[int]:
    """La version en vigueur, comme première version."""
    derniere = EchelleAttendue.objects.filter(promotion=de).first()
    if derniere is None:
        return []
    copie = EchelleAttendue.objects.create(
        promotion=vers, numero=1, nom=f"Reprise de {de}"[:120], auteur=par, enregistree_le=le
    )
    Attente.objects.bulk_create(
        [
            Attente(
                echelle=copie,
                competence_id=une.competence_id,
                detaillee_id=une.detaillee_id,
                semestre=une.semestre,
                niveau_id=une.niveau_id,
            )
            for une in Attente.objects.filter(echelle=derniere)
        ]
    )
    return [copie.pk]


def copier_progression(de: Promotion, vers: Promotion, par: Utilisateur) -> tuple[list[int], list[int]]:
    """Séquences et PFMP prévues, sans les situations ni ce qui fut retiré ; à ajuster au calendrier."""
    sequences = []
    for une in Sequence.objects.filter(promotion=de, retiree_le__isnull=True).prefetch_related(*LIENS):
        copie = Sequence.objects.create(
            promotion=vers,
            intitule=une.intitule,
            nature=une.nature,
            debut=une.debut + UN_AN,
            fin=une.fin + UN_AN,
            description=une.description,
            auteur=par,
        )
        for lien in LIENS:
            getattr(copie, lien).set(getattr(une, lien).all())
        sequences.append(copie.pk)
    prevues = [
        PfmpPrevue.objects.create(promotion=vers, debut=une.debut + UN_AN, fin=une.fin + UN_AN).pk
        for une in PfmpPrevue.objects.filter(promotion=de)
    ]
    return sequences, prevues
