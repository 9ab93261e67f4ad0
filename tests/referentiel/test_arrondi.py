"""Les règles d’arrondi : ce qu’elles retiennent, ce qu’elles admettent, et qui les lit."""

from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from referentiel.arrondi import (
    CENTIEME,
    DEMI_PROCHE,
    DEMI_SUPERIEUR,
    REGLES,
    Arrondi,
)
from referentiel.fichier.lecture import schema
from referentiel.models import Grille

AUTRES = (
    Arrondi("quart_superieur", "au quart de point supérieur", "quart de point", Fraction(1, 4), True),
    Arrondi("dixieme", "au dixième", "dixième", Fraction(1, 10)),
    Arrondi("entier_superieur", "au point supérieur", "point entier", Fraction(1), True),
)
regles = st.sampled_from([*REGLES.values(), *AUTRES])
notes = st.fractions(0, 20, max_denominator=10_000)


@given(regles, notes)
def test_la_note_retenue_est_une_graduation_a_sa_place(regle, brute):
    retenue = regle.arrondir(brute)
    ecart = Fraction(retenue) - brute
    assert regle.admet(retenue)
    assert 0 <= retenue <= 20
    assert 0 <= ecart < regle.pas if regle.superieur else -regle.pas / 2 < ecart <= regle.pas / 2


@given(regles, notes, notes)
def test_une_note_plus_haute_ne_s_arrondit_jamais_plus_bas(regle, une, autre):
    assert regle.arrondir(min(une, autre)) <= regle.arrondir(max(une, autre))


@given(regles, notes)
def test_une_graduation_ne_bouge_pas_et_se_propose(regle, brute):
    graduation = floor(brute / regle.pas) * regle.pas
    assert Fraction(regle.arrondir(graduation)) == graduation
    assert regle.voisine(regle.arrondir(graduation)) == graduation


@given(regles, notes, st.fractions(0, 1, max_denominator=1000))
def test_rien_ne_change_tant_que_la_note_bouge_de_moins_que_la_distance(regle, brute, part):
    distance = regle.distance(brute)
    assume(distance is not None and part < 1)
    bouge = {regle.arrondir(brute + sens * part * distance) for sens in (-1, 1)}
    assert bouge == {regle.arrondir(brute)}
    au_dela = distance + Fraction(1, 10**9)
    assert {regle.arrondir(brute + sens * au_dela) for sens in (-1, 1)} != bouge


@given(regles, st.integers(0, 10**6), st.integers(1, 10**6))
def test_la_formule_du_tableur_retient_la_meme_note(regle, numerateur, denominateur):
    assume(numerateur <= 20 * denominateur)
    noms = {
        "n": Fraction(numerateur),
        "d": Fraction(denominateur),
        "INT": lambda valeur: Fraction(floor(valeur)),
    }
    assert eval(regle.formule("n", "d"), noms) == regle.arrondir(Fraction(numerateur, denominateur))


@pytest.mark.parametrize(
    ("regle", "formule"),
    [
        (DEMI_SUPERIEUR, "INT((2*n+d-1)/d)/2"),
        (DEMI_PROCHE, "INT((4*n+d)/(2*d))/2"),
        (CENTIEME, "INT((200*n+d)/(2*d))/100"),
    ],
)
def test_formules(regle, formule):
    assert regle.formule("n", "d") == formule


@pytest.mark.parametrize(
    ("regle", "admises", "refusees"),
    [
        (DEMI_SUPERIEUR, ["0", "12.5", "20.00"], ["12.25", "12.4", "0.01"]),
        (DEMI_PROCHE, ["12.50"], ["12.49"]),
        (CENTIEME, ["12.49", "12.5"], ["12.495"]),
        (AUTRES[0], ["12.25", "12.5", "12.75"], ["12.2", "12.3"]),
    ],
)
def test_notes_admises(regle, admises, refusees):
    assert [note for note in admises + refusees if regle.admet(Decimal(note))] == admises


@pytest.mark.parametrize("pas", [Fraction(0), Fraction(1, 3), Fraction(1, 200), Fraction(2), Fraction(-1, 2)])
def test_un_pas_qui_ne_decoupe_pas_le_point_est_refuse(pas):
    with pytest.raises(ValueError, match="ne découpe pas"):
        Arrondi("x", "x", "x", pas)


def test_une_regle_inconnue_s_explique():
    with pytest.raises(ValueError, match="« tiers » n’est pas une règle d’arrondi. Choix : demi_superieur, "):
        Arrondi.du_code("tiers")


def test_le_schema_la_base_et_la_documentation_disent_la_table():
    guide = (Path(__file__).parents[2] / "docs" / "format-referentiel.md").read_text(encoding="utf-8")
    champ = Grille._meta.get_field("arrondi")
    assert schema()["$defs"]["grille"]["properties"]["arrondi"]["enum"] == list(REGLES)
    assert champ.flatchoices == [(code, regle.libelle) for code, regle in REGLES.items()]
    assert all(len(code) <= champ.max_length for code in REGLES)
    lignes = [f"| `{regle.code}` | {regle.libelle} | {regle.graduation} |" for regle in REGLES.values()]
    assert [ligne for ligne in guide.splitlines() if ligne.startswith("| `") and ligne in lignes] == lignes
