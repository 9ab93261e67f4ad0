"""L'année scolaire, ses semestres et le cycle : une seule règle, aux jours où plusieurs se contrediraient."""

import datetime

import pytest

from livret import annee
from livret.progression.calendrier import second_semestre
from referentiel.reglement.cycle import Cycle

JOUR = datetime.date.fromisoformat
TROIS, DEUX = Cycle(("2de", "1re", "Tle")), Cycle(("1re année", "2e année"))


@pytest.mark.parametrize(
    ("jour", "rentree", "second", "session_2027"),
    [
        ("2024-07-31", 2023, True, 0),
        ("2024-08-01", 2024, False, 1),
        ("2024-12-31", 2024, False, 1),
        ("2025-01-31", 2024, False, 1),
        ("2025-02-01", 2024, True, 2),
        ("2025-07-31", 2024, True, 2),
        ("2025-08-01", 2025, False, 3),
        ("2026-01-31", 2025, False, 3),
        ("2026-02-01", 2025, True, 4),
        ("2027-01-31", 2026, False, 5),
        ("2027-02-01", 2026, True, 6),
        ("2027-07-31", 2026, True, 6),
        ("2027-08-01", 2027, False, 7),
    ],
)
def test_l_annee_et_le_semestre_d_un_jour(jour: str, rentree: int, second: bool, session_2027: int) -> None:
    le = JOUR(jour)
    assert (annee.rentree(le), annee.second_semestre(le)) == (rentree, second)
    assert annee.semestre_de_session(TROIS, 2027, le) == session_2027
    assert annee.premier_jour(rentree) <= le <= annee.dernier_jour(rentree)


@pytest.mark.parametrize(("jour", "semestre"), [("2024-07-31", None), ("2025-02-01", 2), ("2030-01-01", 6)])
def test_avant_le_cycle_rien_apres_le_dernier_semestre(jour: str, semestre: int | None) -> None:
    assert annee.semestre_courant(TROIS, 2027, JOUR(jour)) == semestre


def test_une_classe_dit_le_meme_semestre_que_sa_session() -> None:
    """Deux chemins, une règle : par le niveau de la classe, ou par la session de la promotion."""
    depart = annee.premier_jour(annee.entree(TROIS, 2027))
    for rang in range(3 * 365):
        jour = depart + datetime.timedelta(days=rang)
        niveau = TROIS.annees[annee.rentree(jour) - annee.entree(TROIS, 2027)]
        assert annee.semestre_du_cycle(TROIS, niveau, jour) == annee.semestre_de_session(TROIS, 2027, jour)


def test_une_semaine_est_du_semestre_de_son_jeudi() -> None:
    assert annee.jeudi(JOUR("2026-02-01")) == JOUR("2026-01-29")
    assert {annee.jeudi(JOUR("2026-01-26") + datetime.timedelta(days=rang)) for rang in range(7)} == {
        JOUR("2026-01-29")
    }


def test_la_place_d_un_jour_dans_le_cycle() -> None:
    assert annee.avancee(TROIS, 2027, JOUR("2024-08-01")) == 0
    assert annee.avancee(TROIS, 2027, JOUR("2025-08-01")) == 2
    assert annee.avancee(TROIS, 2027, JOUR("2020-01-01")) == 0
    assert annee.avancee(TROIS, 2027, JOUR("2031-01-01")) == 6


@pytest.mark.parametrize(
    ("depuis", "veille", "jour"),
    [
        ((1, 20), "2026-01-19", "2026-01-20"),
        ((2, 1), "2026-01-31", "2026-02-01"),
        ((12, 15), "2025-12-14", "2025-12-15"),
    ],
)
def test_le_second_semestre_commence_au_jour_que_dit_l_etablissement(
    depuis: tuple[int, int], veille: str, jour: str
) -> None:
    """Le même jour par tous les chemins : le jour, la classe, la session, la frise, la semaine."""
    avant, le = JOUR(veille), JOUR(jour)
    assert [annee.second_semestre(un, depuis) for un in (avant, le)] == [False, True]
    assert [annee.semestre_du_cycle(TROIS, "1re", un, depuis) for un in (avant, le)] == [3, 4]
    assert [annee.semestre_de_session(TROIS, 2027, un, depuis) for un in (avant, le)] == [3, 4]
    assert [int(annee.avancee(TROIS, 2027, un, depuis)) for un in (avant, le)] == [2, 3]
    assert second_semestre(le, depuis) is annee.second_semestre(annee.jeudi(le), depuis)


def test_la_frise_place_chaque_jour_dans_son_semestre() -> None:
    depart = annee.premier_jour(annee.entree(TROIS, 2027))
    places = [annee.avancee(TROIS, 2027, depart + datetime.timedelta(days=rang)) for rang in range(3 * 365)]
    assert places == sorted(places)
    assert all(
        int(place) + 1 == annee.semestre_de_session(TROIS, 2027, depart + datetime.timedelta(days=rang))
        for rang, place in enumerate(places)
    )
