"""Répartir une classe et faire tourner des équipes : les règles, sans base."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livret.situation.rotation import repartir, rotation


@pytest.mark.parametrize(
    ("elements", "nombre", "parts"),
    [
        ("ABCDE", 2, [["A", "B", "C"], ["D", "E"]]),
        ("ABCDEF", 3, [["A", "B"], ["C", "D"], ["E", "F"]]),
        ("ABCDEFG", 3, [["A", "B", "C"], ["D", "E"], ["F", "G"]]),
        ("AB", 3, [["A"], ["B"], []]),
        ("", 2, [[], []]),
    ],
)
def test_repartir(elements: str, nombre: int, parts: list[list[str]]) -> None:
    assert repartir(elements, nombre) == parts


def test_chaque_equipe_passe_au_poste_suivant() -> None:
    tiree = rotation("ABCD", ["tour", "fraiseuse", "contrôle"], 4)
    assert {eleve: [tiree[eleve, numero] for numero in (1, 2, 3, 4)] for eleve in "ABCD"} == {
        "A": ["tour", "fraiseuse", "contrôle", "tour"],
        "B": ["tour", "fraiseuse", "contrôle", "tour"],
        "C": ["fraiseuse", "contrôle", "tour", "fraiseuse"],
        "D": ["contrôle", "tour", "fraiseuse", "contrôle"],
    }


def test_sans_poste_il_n_y_a_pas_de_rotation() -> None:
    assert rotation("AB", [], 3) == {}


@given(effectif=st.integers(0, 40), postes=st.integers(1, 12))
def test_en_autant_de_tours_que_de_postes_chacun_passe_partout_une_fois(effectif: int, postes: int) -> None:
    tiree = rotation(range(effectif), range(postes), postes)
    for eleve in range(effectif):
        assert sorted(tiree[eleve, tour] for tour in range(1, postes + 1)) == list(range(postes))
    for tour in range(1, postes + 1):
        effectifs = [[tiree[eleve, tour] for eleve in range(effectif)].count(un) for un in range(postes)]
        assert max(effectifs) - min(effectifs) <= 1
