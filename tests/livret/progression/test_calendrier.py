"""Les semaines d'une année scolaire, sans base ni horloge."""

import datetime

import pytest

from livret.progression.attendu import Vue, vue
from livret.progression.calendrier import (
    Pose,
    couloirs,
    couvertes,
    mois_de,
    rentree_de,
    second_semestre,
    semaines,
)

JOUR = datetime.date.fromisoformat


@pytest.mark.parametrize(
    ("rentree", "premiere", "derniere", "nombre"),
    [
        (2023, "2023-08-28", "2024-07-01", 45),
        (2024, "2024-08-26", "2025-06-30", 45),
        (2025, "2025-09-01", "2026-06-29", 44),
        (2026, "2026-08-31", "2027-07-05", 45),
    ],
)
def test_les_semaines_d_une_annee(rentree: int, premiere: str, derniere: str, nombre: int) -> None:
    toutes = semaines(rentree)
    assert (toutes[0], toutes[-1], len(toutes)) == (JOUR(premiere), JOUR(derniere), nombre)
    assert {une.weekday() for une in toutes} == {0}
    assert {rentree_de(une) for une in toutes} == {rentree}
    assert sum(largeur for _, largeur in mois_de(rentree)) == nombre


def test_une_semaine_a_cheval_est_du_mois_et_du_semestre_de_son_jeudi() -> None:
    assert mois_de(2025)[:2] == [("sept.", 4), ("oct.", 5)]
    assert [second_semestre(JOUR(jour)) for jour in ("2026-01-26", "2026-02-02", "2027-02-01")] == [
        False,
        True,
        True,
    ]
    assert second_semestre(JOUR("2025-01-27")) is False


def test_deux_poses_ne_se_chevauchent_pas_dans_un_couloir() -> None:
    poses = [
        Pose("b", JOUR("2025-09-15"), JOUR("2025-09-28")),
        Pose("a", JOUR("2025-09-01"), JOUR("2025-09-21")),
        Pose("c", JOUR("2025-09-22"), JOUR("2025-09-28")),
        Pose("d", JOUR("2025-09-29"), JOUR("2025-10-05")),
    ]
    assert [[pose.objet for pose in rangee] for rangee in couloirs(poses)] == [["a", "c", "d"], ["b"]]
    assert [pose.duree for pose in poses] == [2, 3, 1, 1]


@pytest.mark.parametrize(
    ("valeurs", "attente", "attendue"),
    [
        ([], None, Vue.JAMAIS),
        ([], 0, Vue.JAMAIS),
        ([3], None, Vue.UNE_FOIS),
        ([0], 1, Vue.UNE_FOIS),
        ([0, 1], 2, Vue.PLUSIEURS_FOIS),
        ([2, 2], None, Vue.PLUSIEURS_FOIS),
        ([0], 0, Vue.ATTEINTE),
        ([1, 2], 2, Vue.ATTEINTE),
    ],
)
def test_ce_qui_est_vu_d_une_detaillee(valeurs: list[int], attente: int | None, attendue: Vue) -> None:
    assert vue(valeurs, attente) is attendue


@pytest.mark.parametrize(
    ("debut", "fin", "attendu"),
    [
        ("2025-12-22", "2026-01-04", True),
        ("2025-12-24", "2025-12-24", True),
        ("2025-12-15", "2026-01-04", False),
        ("2025-12-22", "2026-01-05", False),
    ],
)
def test_couvertes(debut: str, fin: str, attendu: bool) -> None:
    periodes = [(JOUR("2025-12-29"), JOUR("2026-01-04")), (JOUR("2025-12-22"), JOUR("2025-12-28"))]
    assert couvertes(JOUR(debut), JOUR(fin), periodes) is attendu
    assert couvertes(JOUR(debut), JOUR(fin), []) is False
