"""La règle pure des niveaux attendus, et ce que la base lui donne."""

import datetime

import pytest
from django.utils import timezone

from livret.annee import semestre_courant
from livret.models import Attente, EchelleAttendue
from livret.progression.attendu import (
    Attentes,
    Position,
    attendu,
    position,
)
from livret.progression.attentes import attentes_de
from referentiel.reglement.cycle import Cycle
from tests import factories
from tests.litanie import requetes
from tests.monde import Monde


@pytest.mark.parametrize(
    ("attentes", "semestre", "niveau"),
    [
        ({}, 3, None),
        ({4: 2}, 3, None),
        ({4: 2}, 4, 2),
        ({1: 0, 3: 1, 6: 3}, 2, 0),
        ({1: 0, 3: 1, 6: 3}, 5, 1),
        ({1: 0, 3: 1, 6: 3}, 6, 3),
    ],
)
def test_le_dernier_semestre_renseigne_vaut(
    attentes: dict[int, int], semestre: int, niveau: int | None
) -> None:
    assert attendu(attentes, semestre) == niveau


@pytest.mark.parametrize(
    ("valeur", "attente", "ou"),
    [
        (3, 2, Position.AVANCE),
        (2, 2, Position.ATTENDU),
        (0, 0, Position.ATTENDU),
        (1, 2, Position.RETARD),
        (None, 2, Position.NON_EVALUEE),
        (None, 0, Position.NON_EVALUEE),
        (3, None, Position.SANS_ATTENTE),
        (None, None, Position.SANS_ATTENTE),
    ],
)
def test_la_position(valeur: int | None, attente: int | None, ou: Position) -> None:
    assert position(valeur, attente) is ou


@pytest.mark.parametrize(
    ("jour", "semestre"),
    [
        ("2023-07-31", None),
        ("2023-08-01", 1),
        ("2024-01-31", 1),
        ("2024-02-01", 2),
        ("2024-09-02", 3),
        ("2025-03-10", 4),
        ("2026-01-31", 5),
        ("2026-06-03", 6),
        ("2027-11-21", 6),
    ],
)
def test_le_semestre_d_une_promotion(jour: str, semestre: int | None) -> None:
    assert semestre_courant(Cycle(("2de", "1re", "Tle")), 2026, datetime.date.fromisoformat(jour)) == semestre


def test_une_detaillee_sans_attente_propre_suit_sa_competence() -> None:
    attentes = Attentes({"C1": {1: 1, 4: 2}}, {7: {5: 3}})
    assert [attentes.attendu("C1", rang, 7) for rang in (1, 4, 5)] == [1, 2, 3]
    assert attentes.attendu("C1", 5, 8) == 2
    assert attentes.attendu("C2", 5, 8) is None
    assert attentes.attendu("C1", None) is None
    assert attentes.position("C1", 3, 4) is Position.AVANCE


def test_seule_la_derniere_version_est_en_vigueur(monde: Monde) -> None:
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 0, 4: 1}, "C2": {2: 1}})
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 1}, "C1.2": {6: 3}})
    factories.echelle_attendue(monde.b.promotion, monde.b.enseignant, {"C5": {6: 2}})
    lues = attentes_de([monde.a.promotion, monde.b.promotion.pk])
    precision = monde.referentiel.competences.get(code="C1").detaillees.get(code="C1.2").pk
    assert lues == {
        monde.a.promotion.pk: Attentes({"C1": {1: 1}}, {precision: {6: 3}}),
        monde.b.promotion.pk: Attentes({"C5": {6: 2}}, {}),
    }


def test_une_requete(monde: Monde) -> None:
    assert requetes(lambda: attentes_de([monde.a.promotion])) == 1
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 0}})
    assert requetes(lambda: attentes_de([monde.a.promotion, monde.b.promotion])) == 1


def test_le_modele_refuse_deux_attentes_pour_une_case(monde: Monde) -> None:
    version = EchelleAttendue.objects.create(
        promotion=monde.a.promotion, numero=1, auteur=monde.a.enseignant, enregistree_le=timezone.now()
    )
    case = {
        "echelle": version,
        "competence": monde.referentiel.competences.get(code="C1"),
        "semestre": 1,
        "niveau": factories.niveau(monde.referentiel, 1),
    }
    Attente.objects.create(**case)
    with pytest.raises(Exception, match="niveau attendu par compétence"):
        Attente(**case).full_clean()
