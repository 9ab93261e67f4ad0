"""La note à deux couches : l'exemple fait à la main, les provisoires, et dix mille grilles recalculées."""

import json
import random
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from math import prod
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from certification.notation import Bareme, explication, note_epreuve, sensibilites
from livret.niveaux import suggestion
from referentiel.arrondi import CENTIEME, DEMI_PROCHE, DEMI_SUPERIEUR, Arrondi
from trpm.base.instantane import ecrire, relire

FICHIER = Path(__file__).parents[1] / "referentiel" / "criteres.json"
Couches = dict[str, tuple[int | Fraction, dict[str, int | Fraction | str]]]


def bareme(couches: Couches, arrondi: Arrondi = DEMI_SUPERIEUR, maximum: int = 3, **reste) -> Bareme:
    """Par compétence : son poids, puis celui de chacun de ses critères."""
    return Bareme(
        "E",
        tuple((code, Fraction(poids)) for code, (poids, _) in couches.items()),
        maximum,
        arrondi,
        criteres=tuple(
            (code, tuple((critere, Fraction(valeur)) for critere, valeur in criteres.items()))
            for code, (_, criteres) in couches.items()
        ),
        **reste,
    )


EXEMPLE: Couches = {
    "C1": (1, {"K1": "0.4", "K2": "0.6"}),
    "C2": (2, {"K3": "0.4", "K4": "0.6", "K5": 0}),
}


def test_l_exemple_fait_a_la_main():
    """Chaque compétence : 0,4 × 3 + 0,6 × 2 = 2,4 ; note = 20/3 × 2,4 = 16 exactement. À une seule couche,
    2,4 devenait le niveau 2 avant de peser : 20/3 × 2 = 13,33, soit 13,5."""
    niveaux = {"K1": 3, "K2": 2, "K3": 3, "K4": 2}
    note = note_epreuve(bareme(EXEMPLE), niveaux)
    assert (note.brute, note.calculee) == (Fraction(16), Decimal("16.0"))
    assert [ligne.valeur for ligne in note.lignes] == [Fraction(12, 5), Fraction(12, 5)]

    poids = {"K1": Fraction(2, 5), "K2": Fraction(3, 5)}
    arrondie = suggestion({"K1": 3, "K2": 2}, poids)
    une_couche = Bareme("E", (("C1", Fraction(1)), ("C2", Fraction(2))), 3)
    assert arrondie is not None
    assert note_epreuve(une_couche, {"C1": arrondie, "C2": arrondie}).calculee == Decimal("13.5")


def test_l_explication_montre_les_deux_couches():
    dite = [
        une.replace("\xa0", " ")
        for une in explication(note_epreuve(bareme(EXEMPLE), {"K1": 3, "K2": 2, "K3": 3, "K4": 2}))
    ]
    assert dite == [
        "K1 : poids 0,4, 40,00 % de C1 × niveau 3 = 1,2",
        "K2 : poids 0,6, 60,00 % de C1 × niveau 2 = 1,2",
        "C1 : poids 1 (33,33 %) × niveau 2,4 = 2,4",
        "K3 : poids 0,4, 40,00 % de C2 × niveau 3 = 1,2",
        "K4 : poids 0,6, 60,00 % de C2 × niveau 2 = 1,2",
        "K5 : non évalué, la grille le déclare (poids 0)",
        "C2 : poids 2 (66,67 %) × niveau 2,4 = 4,8",
        "Somme des poids : 3 ; niveau maximal : 3",
        "Note brute : 20 × 7,2 / (3 × 3) = 16 = 16,00 / 20",
        "Arrondi : au demi-point supérieur",
        "Note calculée : 16,0 / 20",
    ]  # fmt: skip


def test_un_critere_non_evalue_ramene_les_autres_a_un():
    """Poids 0,2, 0,3, 0,5 ; le dernier déclaré non évalué : les autres valent 0,4 et 0,6."""
    declare = bareme({"C1": (7, {"K1": "0.2", "K2": "0.3", "K3": 0})})
    ramene = bareme({"C1": (7, {"K1": "0.4", "K2": "0.6"})})
    niveaux = {"K1": 3, "K2": 1}
    assert note_epreuve(declare, niveaux).brute == note_epreuve(ramene, niveaux).brute == Fraction(12)


def test_un_critere_que_personne_n_a_vu_laisse_deux_notes_provisoires():
    """K4 manque. Évalués seuls : comme si la grille l'avait déclaré, C2 vaut 3 ; 20/9 × (2,4 + 6) = 18,67.
    Compté 0 : C2 vaut 1,2 ; 20/9 × (2,4 + 2,4) = 10,67."""
    note = note_epreuve(bareme(EXEMPLE), {"K1": 3, "K2": 2, "K3": 3})
    assert (note.brute, note.calculee, note.manquantes) == (None, None, ("K4",))
    assert note.sur_evaluees is not None
    assert note.avec_zero is not None
    assert (note.sur_evaluees.brute, note.sur_evaluees.calculee) == (Fraction(56, 3), Decimal("19.0"))
    assert (note.avec_zero.brute, note.avec_zero.calculee) == (Fraction(32, 3), Decimal("11.0"))
    assert sensibilites(note) == ()
    declaree = bareme(EXEMPLE | {"C2": (2, {"K3": "0.4", "K4": 0, "K5": 0})})
    assert note_epreuve(declaree, {"K1": 3, "K2": 2, "K3": 3}).brute == note.sur_evaluees.brute
    assert note_epreuve(bareme(EXEMPLE), {}).sur_evaluees is None


def test_un_niveau_de_plus_ou_de_moins_par_critere():
    effets = {
        un.competence: un
        for un in sensibilites(note_epreuve(bareme(EXEMPLE), {"K1": 3, "K2": 2, "K3": 3, "K4": 2}))
    }
    assert list(effets) == ["K1", "K2", "K3", "K4"]
    assert effets["K1"].plus is None
    assert effets["K4"].plus.brute == Fraction(16) + Fraction(20, 9) * 2 * Fraction(3, 5)


@pytest.mark.parametrize(
    ("couches", "message"),
    [
        ({"C1": (1, {"K1": 0, "K2": 0})}, "C1 n’a aucun critère évalué."),
        ({"C1": (1, {"K1": 1}), "C2": (1, {"K1": 1})}, "L’épreuve E a deux critères de même code."),
        ({"C1": (1, {"K1": -1})}, "Un critère de C1 a un poids négatif."),
    ],
)
def test_baremes_refuses(couches, message):
    with pytest.raises(ValueError) as refus:
        bareme(couches)
    assert str(refus.value) == message


@pytest.mark.parametrize(
    ("niveaux", "message"),
    [
        ({"C1": 2}, "C1 n’est pas un critère de E (K1, K2, K3, K4)."),
        ({"K5": 2}, "K5 est déclaré non évalué par la grille\xa0: il ne reçoit pas de niveau."),
        ({"K1": 4}, "Niveau 4 hors de l’échelle pour K1\xa0: de 0 à 3."),
    ],
)
def test_niveaux_refuses(niveaux, message):
    with pytest.raises(ValueError) as refus:
        note_epreuve(bareme(EXEMPLE), niveaux)
    assert str(refus.value) == message


# --- Un second calcul, en entiers, écrit autrement --------------------------------------------


def centiemes(
    poids: list[int], criteres: list[list[int]], niveaux: list[list[int]], maximum: int, bonus: int
):
    """Numérateur et dénominateur entiers de la note en centièmes, bonus en centièmes compris."""
    sommes = [sum(groupe) for groupe in criteres]
    haut = sum(
        poids[c]
        * sum(w * n for w, n in zip(criteres[c], niveaux[c], strict=True))
        * prod(sommes)
        // sommes[c]
        for c in range(len(poids))
    )
    bas = maximum * sum(poids) * prod(sommes)
    return min(2000 * haut + bonus * bas, 2000 * bas), bas


def test_dix_mille_grilles_a_deux_couches_contre_un_calcul_independant():
    hasard = random.Random(20261126)
    for tirage in range(10_000):
        maximum, taille = hasard.choice([1, 3, 3, 4]), hasard.randint(1, 5)
        poids = [hasard.randint(1, 30) for _ in range(taille)]
        criteres = [[hasard.randint(0, 9) for _ in range(hasard.randint(1, 4))] for _ in range(taille)]
        for groupe in criteres:
            groupe[0] = groupe[0] or 1
        niveaux = [[hasard.randint(0, maximum) for _ in groupe] for groupe in criteres]
        bonus = hasard.choice([0, 0, 25, 150])
        regle = (DEMI_SUPERIEUR, DEMI_PROCHE, CENTIEME)[tirage % 3]
        haut, bas = centiemes(poids, criteres, niveaux, maximum, bonus)
        pas = 1 if regle is CENTIEME else 50
        attendu = (
            -(-haut // (bas * pas)) * pas
            if regle is DEMI_SUPERIEUR
            else (2 * haut + bas * pas) // (2 * bas * pas) * pas
        )

        couches = {
            f"C{c}": (poids[c], {f"K{c}.{k}": Fraction(w, 10) for k, w in enumerate(criteres[c])})
            for c in range(taille)
        }
        vus = {f"K{c}.{k}": n for c in range(taille) for k, n in enumerate(niveaux[c]) if criteres[c][k]}
        note = note_epreuve(bareme(couches, regle, maximum, bonus_max=Fraction(2)), vus, Fraction(bonus, 100))
        assert note.brute == Fraction(haut, 100 * bas), (poids, criteres, niveaux)
        assert note.calculee * 100 == attendu, (poids, criteres, niveaux, regle)
        if tirage < 20:
            assert relire(type(note), ecrire(note)) == note


# --- La commande ------------------------------------------------------------------------------


def commande(*arguments: str) -> str:
    sortie = StringIO()
    call_command("note", str(FICHIER), *arguments, stdout=sortie)
    return sortie.getvalue()


def test_la_commande_lit_les_criteres():
    objet = json.loads(commande("OA", "E1", "K1=4", "K2=3", "K3=4", "K4=3", "--json"))
    assert (objet["brute"], objet["calculee"]) == ("16", "16.0")
    assert objet["competences"][1]["valeur"] == "12/5"
    assert objet["competences"][1]["criteres"][2] == {"code": "K5", "poids": "0", "part": "0", "niveau": None}
    assert json.loads(commande("OA", "E1", "C1=3", "C2=3", "--grille", "1", "--json"))["calculee"] == "13.5"
    assert json.loads(commande("OB", "E2", "K6=4", "K7=1", "--json"))["brute"] == "10"
    incomplet = json.loads(commande("OA", "E1", "K1=4", "K2=3", "K3=4", "K4=NE", "--json"))
    assert (incomplet["manquantes"], incomplet["provisoires"]["avec_zero"]["calculee"]) == (["K4"], "11.0")
    with pytest.raises(CommandError, match="C1 n’est pas un critère de E1"):
        commande("OA", "E1", "C1=3")
