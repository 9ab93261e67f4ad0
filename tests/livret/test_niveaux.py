"""Les règles pures : meilleur niveau, suggestion, ce que l'on tape, ce qui est retenu."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livret.niveaux import (
    Preuve,
    code_saisi,
    est_retenue,
    meilleure,
    meilleures,
    suggestion,
    touches_des_mentions,
)

NIVEAUX, MENTIONS = ["0", "1", "2", "3"], ["NE", "ABS", "DISP"]


def preuve(valeur: int, jour: int = 1, competence: str = "C1", situation: int = 1) -> Preuve:
    date = datetime.date(2026, 3, jour)
    return Preuve(competence, valeur, date, f"S{situation}", "atelier", "Mme Durand", situation_id=situation)


preuves = st.lists(
    st.builds(
        preuve, st.integers(0, 3), st.integers(1, 28), st.sampled_from(["C1", "C2"]), st.integers(1, 50)
    )
)
details = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3), min_size=1)


def test_sans_preuve_le_niveau_est_inconnu() -> None:
    assert meilleure([]) is None
    assert meilleures([]) == {}


def test_le_meilleur_niveau_n_est_ni_le_dernier_ni_la_moyenne() -> None:
    haut = preuve(3, jour=2)
    assert meilleure([preuve(1, jour=1), haut, preuve(0, jour=20)]) is haut


def test_a_niveau_egal_la_plus_recente() -> None:
    recente = preuve(2, jour=9)
    assert meilleure([preuve(2, jour=3), recente, preuve(1, jour=20)]) is recente


@given(preuves, st.integers(0, 3))
def test_un_niveau_plus_bas_ensuite_ne_baisse_jamais_la_synthese(liste: list[Preuve], suivant: int) -> None:
    avant = meilleures(liste)
    apres = meilleures([*liste, preuve(suivant, jour=28, situation=99)])
    for code, ancienne in avant.items():
        assert apres[code].valeur == max(ancienne.valeur, suivant if code == "C1" else 0)


@given(preuves, st.randoms())
def test_l_ordre_des_preuves_ne_change_pas_le_niveau(liste: list[Preuve], hasard) -> None:
    melangees = list(liste)
    hasard.shuffle(melangees)
    attendus = {code: une.valeur for code, une in meilleures(liste).items()}
    assert {code: une.valeur for code, une in meilleures(melangees).items()} == attendus


@pytest.mark.parametrize(
    ("niveaux", "attendu"),
    [
        ({}, None),
        ({"a": 0}, 0),
        ({"a": 2, "b": 3}, 2),  # 2,5 : les moitiés vers le bas
        ({"a": 2, "b": 3, "c": 3}, 3),
        ({"a": 0, "b": 1}, 0),
        ({"a": 1, "b": 1, "c": 3}, 2),
    ],
)
def test_suggestion(niveaux: dict[str, int], attendu: int | None) -> None:
    assert suggestion(niveaux) == attendu


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 4), min_size=1))
def test_sans_poids_et_a_poids_egaux_la_suggestion_est_la_meme(niveaux: dict[str, int]) -> None:
    assert suggestion(niveaux) == suggestion(niveaux, dict.fromkeys(niveaux, Fraction(2)))


def test_suggestion_ponderee() -> None:
    assert suggestion({"a": 3, "b": 0}, {"a": Fraction(3), "b": Fraction(1)}) == 2
    assert suggestion({"a": 3}, {"a": Fraction(0)}) is None


@given(details)
def test_la_suggestion_reste_entre_le_plus_bas_et_le_plus_haut(niveaux: dict[str, int]) -> None:
    assert min(niveaux.values()) <= suggestion(niveaux) <= max(niveaux.values())


@given(details, st.sampled_from("abcdefgh"))
def test_relever_un_detail_ne_baisse_jamais_la_suggestion(niveaux: dict[str, int], code: str) -> None:
    if code in niveaux:
        releves = {**niveaux, code: min(3, niveaux[code] + 1)}
        assert suggestion(releves) >= suggestion(niveaux)


@pytest.mark.parametrize(
    ("texte", "code"),
    [
        ("2", "2"),
        (" 3 ", "3"),
        ("", ""),
        ("  ", ""),
        ("n", "NE"),
        ("NE", "NE"),
        ("a", "ABS"),
        ("abs", "ABS"),
        ("d", "DISP"),
        ("4", None),
        ("22", None),
        ("x", None),
        ("NEX", None),
        ("½", None),
    ],
)
def test_ce_que_l_on_tape(texte: str, code: str | None) -> None:
    assert code_saisi(texte, NIVEAUX, MENTIONS) == code


def test_un_code_de_niveau_l_emporte_sur_le_debut_d_une_mention() -> None:
    assert code_saisi("a", ["A", "B"], MENTIONS) == "A"
    assert code_saisi("d", NIVEAUX, ["DISP", "DEP"]) is None


@pytest.mark.parametrize(
    ("certificative", "annee", "decision", "attendu"),
    [
        (True, 2026, None, True),
        (True, 2025, None, False),
        (False, 2026, None, False),
        (False, 2025, True, True),
        (True, 2026, False, False),
    ],
)
def test_ce_qui_est_retenu(certificative: bool, annee: int, decision: bool | None, attendu: bool) -> None:
    jour = datetime.date(annee, 3, 12)
    assert est_retenue(certificative=certificative, date=jour, session=2026, decision=decision) is attendu


def test_les_touches_des_mentions_se_composent_d_apres_l_echelle():
    """NA / ECA / A : « A » y écrit « Acquis », l'aide ne dit donc pas « A absent »."""
    attendues = {
        "0123": ["N", "A", "D"],
        ("NA", "ECA", "A"): ["NE", "AB", "D"],
        ("a", "b", "c", "d"): ["N", "AB", "DI"],
        ("AB", "N", "DIS"): ["NE", "ABS", "DISP"],
    }
    for niveaux, touches in attendues.items():
        dites = touches_des_mentions(niveaux)
        assert [touche for touche, _ in dites] == touches
        assert [code_saisi(touche, niveaux, MENTIONS) for touche in touches] == MENTIONS


def test_des_valeurs_qui_ne_se_suivent_pas_se_suggerent_par_rang():
    """Valeurs 0, 5, 10, 20 : entre le deuxième et le quatrième niveau, la suggestion est le troisième."""
    valeurs = [0, 5, 10, 20]
    rang = suggestion({"C1.1": valeurs.index(5), "C1.2": valeurs.index(20)})
    assert rang == valeurs.index(10)
