"""La note d'une épreuve : cas officiels, propriétés, et un second calcul écrit autrement."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from certification.notation import (
    Bareme,
    decimale,
    explication,
    nombre,
    note_affichee,
    note_epreuve,
    pas_d_arrondi,
    sensibilites,
)
from referentiel.arrondi import (
    CENTIEME,
    DEMI_PROCHE,
    DEMI_SUPERIEUR,
    REGLES,
    Arrondi,
)

POIDS = {
    ("RSP", "E2"): {"C1": 9, "C4": 10, "C5": 16},
    ("RSP", "E31"): {"C6": 22, "C7": 12, "C8": 7, "C9": 6},
    ("RSP", "E32"): {"C2": 6, "C3": 8, "C10": 12, "C11": 7, "C12": 9},
    ("RMO", "E2"): {"C1": 9, "C4": 13, "C5": 15},
    ("RMO", "E31"): {"C6": 11, "C7": 7, "C8": 6, "C9": 15},
    ("RMO", "E32"): {"C2": 6, "C3": 8, "C10": 11, "C11": 10, "C12": 12},
}


def bareme(poids: dict[str, int | Fraction], arrondi: Arrondi = DEMI_SUPERIEUR, maximum: int = 3, **reste):
    fractions = tuple((code, Fraction(valeur)) for code, valeur in poids.items())
    return Bareme("E", fractions, maximum, arrondi, **reste)


# --- Les cas officiels (DOMAINE.md, 6.5) ------------------------------------------------------

OFFICIELS = [
    ("RSP", "E2", {"C1": 2, "C4": 3, "C5": 2}, Fraction(1600, 105), "15.2381", "15.5", "15.0"),
    ("RSP", "E31", {"C6": 2, "C7": 2, "C8": 1, "C9": 3}, Fraction(1860, 141), "13.1915", "13.5", "13.0"),
    (
        "RSP",
        "E32",
        {"C2": 3, "C3": 2, "C10": 1, "C11": 2, "C12": 2},
        Fraction(1560, 126),
        "12.3810",
        "12.5",
        "12.5",
    ),
    ("RMO", "E2", {"C1": 3, "C4": 1, "C5": 2}, Fraction(1400, 111), "12.6126", "13.0", "12.5"),
]
UNIFORMES = [
    (3, Fraction(20), "20.0000", "20.0", "20.0"),
    (2, Fraction(40, 3), "13.3333", "13.5", "13.5"),
    (1, Fraction(20, 3), "6.6667", "7.0", "6.5"),
    (0, Fraction(0), "0.0000", "0.0", "0.0"),
]
CAS = OFFICIELS + [
    (option, epreuve, dict.fromkeys(poids, niveau), *attendu)
    for niveau, *attendu in UNIFORMES
    for (option, epreuve), poids in POIDS.items()
]


@pytest.mark.parametrize(("option", "epreuve", "niveaux", "brute", "affichee", "superieur", "proche"), CAS)
def test_cas_officiels(option, epreuve, niveaux, brute, affichee, superieur, proche):
    poids = POIDS[option, epreuve]
    vers_le_haut = note_epreuve(bareme(poids), niveaux)
    au_plus_proche = note_epreuve(bareme(poids, DEMI_PROCHE), niveaux)

    assert vers_le_haut.brute == au_plus_proche.brute == brute
    assert str(decimale(brute, 4)) == affichee
    assert str(vers_le_haut.calculee) == superieur
    assert str(au_plus_proche.calculee) == proche


@pytest.mark.parametrize(
    ("cle", "parts"),
    [
        (("RSP", "E2"), ["25,71", "28,57", "45,71"]),
        (("RSP", "E31"), ["46,81", "25,53", "14,89", "12,77"]),
        (("RSP", "E32"), ["14,29", "19,05", "28,57", "16,67", "21,43"]),
        (("RMO", "E2"), ["24,32", "35,14", "40,54"]),
        (("RMO", "E31"), ["28,21", "17,95", "15,38", "38,46"]),
        (("RMO", "E32"), ["12,77", "17,02", "23,40", "21,28", "25,53"]),
    ],
)
def test_parts_officielles(cle, parts):
    lignes = note_epreuve(bareme(POIDS[cle]), {}).lignes
    assert [nombre(ligne.part * 100, 2) for ligne in lignes] == parts


@pytest.mark.parametrize(
    ("brute", "superieur", "proche", "centieme"),
    [
        (Fraction(25, 2), "12.5", "12.5", "12.50"),
        (Fraction(25, 2) + Fraction(1, 10**12), "13.0", "12.5", "12.50"),
        (Fraction(25, 2) - Fraction(1, 10**12), "12.5", "12.5", "12.50"),
        (Fraction(51, 4), "13.0", "13.0", "12.75"),
        (Fraction(12745, 1000), "13.0", "12.5", "12.75"),
        (Fraction(20), "20.0", "20.0", "20.00"),
    ],
)
def test_arrondis(brute, superieur, proche, centieme):
    obtenus = [str(regle.arrondir(brute)) for regle in REGLES.values()]
    assert obtenus == [superieur, proche, centieme]


# --- L'incomplet reste incomplet (Q10) --------------------------------------------------------


def test_une_competence_inconnue_laisse_deux_notes_provisoires():
    note = note_epreuve(bareme(POIDS["RSP", "E31"]), {"C6": 2, "C7": 2, "C8": 1})

    assert (note.complete, note.brute, note.calculee, note.manquantes) == (False, None, None, ("C9",))
    assert note.sur_evaluees is not None
    assert (note.sur_evaluees.brute, note.sur_evaluees.calculee) == (Fraction(1500, 123), Decimal("12.5"))
    assert note.avec_zero is not None
    assert (note.avec_zero.brute, note.avec_zero.calculee) == (Fraction(1500, 141), Decimal("11.0"))


def test_sans_aucun_niveau_il_n_y_a_pas_de_note_sur_les_evaluees():
    note = note_epreuve(bareme(POIDS["RSP", "E2"]), {})
    assert note.sur_evaluees is None
    assert note.avec_zero is not None
    assert note.avec_zero.brute == 0


def test_zero_est_un_niveau_et_non_une_absence():
    note = note_epreuve(bareme(POIDS["RSP", "E2"]), {"C1": 0, "C4": 0, "C5": 0})
    assert (note.complete, note.brute) == (True, 0)


# --- Bonus, échelles, refus -------------------------------------------------------------------


def test_le_bonus_s_ajoute_et_plafonne_a_vingt():
    grille = bareme({"C1": 1}, bonus_max=Fraction(2))
    assert note_epreuve(grille, {"C1": 2}, Fraction(1, 2)).brute == Fraction(40, 3) + Fraction(1, 2)
    assert note_epreuve(grille, {"C1": 3}, Fraction(2)).brute == 20


def test_des_poids_egaux_pesent_autant():
    note = note_epreuve(
        Bareme("E", (("C1", Fraction(1)), ("C2", Fraction(1))), 4, CENTIEME), {"C1": 4, "C2": 1}
    )
    assert (note.brute, str(note.calculee)) == (Fraction(25, 2), "12.50")


@pytest.mark.parametrize(
    ("niveaux", "bonus", "message"),
    [
        ({"C9": 1}, 0, "C9 n’est pas une compétence de E (C1)."),
        ({"C1": 4}, 0, "Niveau 4 hors de l’échelle pour C1 : de 0 à 3."),
        ({"C1": -1}, 0, "Niveau -1 hors de l’échelle pour C1 : de 0 à 3."),
        ({"C1": 1}, 1, "Bonus 1 hors bornes : de 0 à 0."),
    ],
)
def test_refus(niveaux, bonus, message):
    with pytest.raises(ValueError) as refus:
        note_epreuve(bareme({"C1": 1}), niveaux, Fraction(bonus))
    assert str(refus.value) == message


@pytest.mark.parametrize(
    ("poids", "maximum", "bonus_max"),
    [({}, 3, 0), ({"C1": 0}, 3, 0), ({"C1": -1}, 3, 0), ({"C1": 1}, 0, 0), ({"C1": 1}, 3, 21)],
)
def test_baremes_refuses(poids, maximum, bonus_max):
    with pytest.raises(ValueError):
        bareme(poids, maximum=maximum, bonus_max=Fraction(bonus_max))


def test_un_bareme_ne_pondere_pas_deux_fois():
    with pytest.raises(ValueError) as refus:
        Bareme("E", (("C1", Fraction(1)), ("C1", Fraction(2))), 3)
    assert str(refus.value) == "L’épreuve E pondère deux fois la même compétence."


# --- Ce qu'on lit -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valeur", "texte"),
    [(Fraction(9), "9"), (Fraction(1, 4), "0,25"), (Fraction(10), "10"), (Fraction(1, 3), "1/3"), (0, "0")],
)
def test_nombre_a_la_francaise(valeur, texte):
    assert nombre(valeur) == texte


@pytest.mark.parametrize(
    ("note", "texte"),
    [("13.5", "13,5 / 20"), ("20.00", "20,0 / 20"), ("12.75", "12,75 / 20"), ("0", "0,0 / 20")],
)
def test_note_affichee(note, texte):
    assert note_affichee(Decimal(note)) == texte.replace(" ", "\N{NO-BREAK SPACE}")


def test_explication_d_une_note_complete():
    note = note_epreuve(bareme(POIDS["RSP", "E31"]), {"C6": 2, "C7": 2, "C8": 1, "C9": 3})
    assert explication(note) == (
        "C6 : poids 22 (46,81 %) × niveau 2 = 44",
        "C7 : poids 12 (25,53 %) × niveau 2 = 24",
        "C8 : poids 7 (14,89 %) × niveau 1 = 7",
        "C9 : poids 6 (12,77 %) × niveau 3 = 18",
        "Somme des poids : 47 ; niveau maximal : 3",
        "Note brute : 20 × 93 / (3 × 47) = 620/47 = 13,19 / 20",
        "Arrondi : au demi-point supérieur",
        "Note calculée : 13,5\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20",
    )


def test_explication_d_une_note_incomplete():
    note = note_epreuve(bareme({"C1": 1, "C2": 1}), {"C1": 3})
    assert explication(note) == (
        "C1 : poids 1 (50,00 %) × niveau 3 = 3",
        "C2 : poids 1 (50,00 %) × niveau inconnu",
        "Somme des poids : 2 ; niveau maximal : 3",
        "Incomplète : aucun niveau pour C2. Pas de note calculée.",
        "Note provisoire, poids des seules compétences évaluées : 20,00, "
        "soit 20,0\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20",
        "Note provisoire, compétences non évaluées comptées 0 : 10,00, "
        "soit 10,0\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20",
    )


# --- Propriétés -------------------------------------------------------------------------------


@st.composite
def grilles(draw: st.DrawFn) -> tuple[Bareme, dict[str, int]]:
    maximum = draw(st.integers(1, 5))
    poids = draw(
        st.lists(
            st.fractions(min_value=Fraction(1, 100), max_value=100, max_denominator=100),
            min_size=1,
            max_size=8,
        )
    )
    codes = [f"C{rang}" for rang in range(len(poids))]
    niveaux = {code: draw(st.integers(0, maximum)) for code in codes}
    arrondi = draw(st.sampled_from(list(REGLES.values())))
    return bareme(dict(zip(codes, poids, strict=True)), arrondi, maximum), niveaux


@given(grilles())
def test_bornee_entre_zero_et_vingt(grille):
    note = note_epreuve(*grille)
    assert note.brute is not None
    assert note.calculee is not None
    assert 0 <= note.brute <= 20
    assert 0 <= note.calculee <= 20


@given(grilles(), st.data())
def test_croissante_en_chaque_niveau(grille, data):
    regle, niveaux = grille
    code = data.draw(st.sampled_from(sorted(niveaux)))
    assume(niveaux[code] < regle.maximum)
    avant, apres = note_epreuve(regle, niveaux), note_epreuve(regle, niveaux | {code: niveaux[code] + 1})
    assert apres.brute > avant.brute
    assert apres.calculee >= avant.calculee


@given(grilles(), st.fractions(min_value=Fraction(1, 1000), max_value=1000))
def test_invariante_quand_tous_les_poids_changent_d_echelle(grille, facteur):
    regle, niveaux = grille
    autre = bareme({code: poids * facteur for code, poids in regle.poids}, regle.arrondi, regle.maximum)
    avant, apres = note_epreuve(regle, niveaux), note_epreuve(autre, niveaux)
    assert (avant.brute, avant.calculee) == (apres.brute, apres.calculee)


@given(st.integers(0, 40), st.integers(1, 10_000))
def test_exacte_aux_demi_points(demis, echelle):
    """Une note brute qui tombe sur un demi-point n'en bouge pas, quels que soient les poids."""
    poids = {code: Fraction(valeur, echelle) for code, valeur in (("A", demis), ("B", 40 - demis)) if valeur}
    niveaux = {code: 1 if code == "A" else 0 for code in poids}
    for regle in REGLES.values():
        note = note_epreuve(bareme(poids, regle, maximum=1), niveaux)
        assert note.brute == Fraction(demis, 2)
        assert note.calculee == Decimal(demis) / 2


@given(grilles(), st.data())
def test_l_incomplet_reste_incomplet(grille, data):
    regle, niveaux = grille
    code = data.draw(st.sampled_from(sorted(niveaux)))
    note = note_epreuve(regle, niveaux | {code: None})
    assert (note.complete, note.brute, note.calculee, note.manquantes) == (False, None, None, (code,))
    assert note.avec_zero is not None
    assert note.avec_zero.brute == note_epreuve(regle, niveaux | {code: 0}).brute
    if len(niveaux) > 1:
        reste = bareme({c: p for c, p in regle.poids if c != code}, regle.arrondi, regle.maximum)
        attendue = note_epreuve(reste, {c: n for c, n in niveaux.items() if c != code})
        assert note.sur_evaluees is not None
        assert (note.sur_evaluees.brute, note.sur_evaluees.calculee) == (attendue.brute, attendue.calculee)


# --- Un second calcul, en entiers, écrit autrement --------------------------------------------


def centiemes_a_la_main(poids: list[int], niveaux: list[int], maximum: int) -> dict[Arrondi, int]:
    """Note en centièmes : la plus petite (ou la plus proche) graduation, cherchée une à une.

    Une graduation de g centièmes vaut la note brute quand g × maximum × Σ poids = 2000 × Σ produits.
    """
    produits = sum(poids[rang] * niveaux[rang] for rang in range(len(poids)))
    plein = maximum * sum(poids)

    def ecart(graduation: int) -> int:
        return graduation * plein - 2000 * produits

    demis = range(0, 2001, 50)
    superieur = next(graduation for graduation in demis if ecart(graduation) >= 0)
    proche = min(demis, key=lambda graduation: (abs(ecart(graduation)), -graduation))
    centieme = min(range(2001), key=lambda graduation: (abs(ecart(graduation)), -graduation))
    return {DEMI_SUPERIEUR: superieur, DEMI_PROCHE: proche, CENTIEME: centieme}


def test_dix_mille_grilles_contre_un_calcul_independant():
    hasard = random.Random(20260603)
    for tirage in range(10_000):
        maximum = hasard.choice([1, 2, 3, 3, 3, 4, 5])
        taille = hasard.randint(1, 7)
        poids = [hasard.randint(1, 30) for _ in range(taille)]
        niveaux = [hasard.randint(0, maximum) for _ in range(taille)]
        regle = (DEMI_SUPERIEUR, DEMI_PROCHE, CENTIEME)[tirage % 3]
        grille = bareme({f"C{rang}": valeur for rang, valeur in enumerate(poids)}, regle, maximum)
        note = note_epreuve(grille, {f"C{rang}": niveau for rang, niveau in enumerate(niveaux)})
        attendu = centiemes_a_la_main(poids, niveaux, maximum)[regle]
        assert note.calculee * 100 == attendu, (poids, niveaux, maximum, regle)


# --- Un niveau de plus ou de moins ------------------------------------------------------------


@given(grilles())
def test_un_niveau_de_plus_ou_de_moins_reste_dans_l_echelle_et_dans_le_bon_sens(grille):
    regle, niveaux = grille
    note = note_epreuve(regle, niveaux)
    for effet, ligne in zip(sensibilites(note), note.lignes, strict=True):
        assert (effet.moins is None, effet.plus is None) == (ligne.niveau == 0, ligne.niveau == regle.maximum)
        for variation, pas in ((effet.moins, -1), (effet.plus, 1)):
            if variation:
                autre = note_epreuve(regle, niveaux | {ligne.competence: ligne.niveau + pas})
                assert (variation.niveau, variation.brute, variation.calculee) == (
                    ligne.niveau + pas,
                    autre.brute,
                    autre.calculee,
                )
                assert 0 <= variation.brute <= 20
                assert variation.ecart * pas >= 0


def test_un_niveau_de_plus_dans_une_echelle_a_trous():
    note = note_epreuve(bareme({"C1": 1}, maximum=4), {"C1": 2})
    (effet,) = sensibilites(note, [0, 2, 4])
    assert (effet.moins.niveau, str(effet.moins.ecart), effet.plus.niveau, str(effet.plus.ecart)) == (
        0,
        "-10.0",
        4,
        "10.0",
    )


def test_une_note_incomplete_n_a_pas_d_effet_a_montrer():
    assert sensibilites(note_epreuve(bareme(POIDS["RSP", "E2"]), {"C1": 2})) == ()


@pytest.mark.parametrize(
    ("brute", "arrondi", "dit"),
    [
        (
            Fraction(1600, 105),
            DEMI_SUPERIEUR,
            "15,2381 est entre 15 et 15,5 ; arrondi au demi-point supérieur, la note calculée est 15,5 / 20.",
        ),
        (
            Fraction(1600, 105),
            DEMI_PROCHE,
            "15,2381 est entre 15 et 15,5 ; arrondi au demi-point le plus proche, "
            "la note calculée est 15,0 / 20.",
        ),
        (
            Fraction(25, 2),
            DEMI_SUPERIEUR,
            "12,5 tombe juste : rien à arrondir, la note calculée est 12,5 / 20.",
        ),
        (
            Fraction(1600, 105),
            CENTIEME,
            "15,2381 est entre 15,23 et 15,24 ; arrondi au centième, la note calculée est 15,24 / 20.",
        ),
    ],
)
def test_l_arrondi_se_raconte(brute, arrondi, dit):
    assert pas_d_arrondi(brute, arrondi).replace("\N{NO-BREAK SPACE}", " ") == dit
