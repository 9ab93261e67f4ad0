"""Échelle attendue, séquences, PFMP prévues."""

import datetime
from collections.abc import Iterable

from livret.models import (
    Attente,
    Classe,
    EchelleAttendue,
    Etablissement,
    PfmpPrevue,
    Promotion,
    SansCours,
    Sequence,
    Utilisateur,
)
from referentiel.models import Detaillee
from tests.factories.referentiel import niveau


def echelle_attendue(
    promotion: Promotion, auteur: Utilisateur, attentes: dict[str, dict[int, int]]
) -> EchelleAttendue:
    """Nouvelle version : par code de compétence ou de détaillée, la valeur attendue par semestre."""
    diplome = promotion.referentiel
    version = EchelleAttendue.objects.create(
        promotion=promotion,
        numero=promotion.echelles.count() + 1,
        auteur=auteur,
        enregistree_le=datetime.datetime(2025, 9, 1, 8, tzinfo=datetime.UTC),
    )
    detaillees = {
        detaillee.code: detaillee
        for detaillee in Detaillee.objects.filter(competence__referentiel=diplome)
        if detaillee.concerne(promotion.option_id)
    }
    competences = {competence.code: competence for competence in diplome.competences.all()}
    Attente.objects.bulk_create(
        [
            Attente(
                echelle=version,
                competence=competences.get(code) or detaillees[code].competence,
                detaillee=detaillees.get(code),
                semestre=semestre,
                niveau=niveau(diplome, valeur),
            )
            for code, par_semestre in attentes.items()
            for semestre, valeur in par_semestre.items()
        ]
    )
    return version


def sequence(
    classe: Classe,
    auteur: Utilisateur,
    debut: str = "2025-11-03",
    semaines: int = 3,
    detaillees: Iterable[str] = (),
    evaluees: Iterable[str] = (),
    **champs: object,
) -> Sequence:
    """Séquence de toute la promotion, posée au lundi `debut` ; les détaillées entraînent leur compétence."""
    lundi = datetime.date.fromisoformat(debut)
    objet = Sequence.objects.create(
        **{
            "promotion": classe.promotion,
            "auteur": auteur,
            "intitule": f"Séquence {Sequence.objects.count() + 1}",
            "debut": lundi,
            "fin": lundi + datetime.timedelta(days=7 * semaines - 1),
            **champs,
        }
    )
    evaluees = list(evaluees)
    for nom, codes in (("", [*detaillees, *evaluees]), ("_evaluees", evaluees)):
        choisies = [
            detaillee
            for detaillee in Detaillee.objects.filter(
                competence__referentiel=classe.promotion.referentiel, code__in=codes
            )
            if detaillee.concerne(classe.promotion.option_id)
        ]
        getattr(objet, f"detaillees{nom}").set(choisies)
        getattr(objet, f"competences{nom}").set({detaillee.competence_id for detaillee in choisies})
    return objet


def pfmp_prevue(promotion: Promotion, debut: str = "2026-01-12", semaines: int = 4) -> PfmpPrevue:
    lundi = datetime.date.fromisoformat(debut)
    return PfmpPrevue.objects.create(
        promotion=promotion, debut=lundi, fin=lundi + datetime.timedelta(days=7 * semaines - 1)
    )


def sans_cours(
    etablissement: Etablissement,
    debut: str = "2025-12-22",
    semaines: int = 2,
    libelle: str = "Vacances de l’essai",
) -> SansCours:
    lundi = datetime.date.fromisoformat(debut)
    return SansCours.objects.create(
        etablissement=etablissement,
        libelle=libelle,
        debut=lundi,
        fin=lundi + datetime.timedelta(days=7 * semaines - 1),
    )
