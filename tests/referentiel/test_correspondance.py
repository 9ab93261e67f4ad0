"""Ce qu'une grille lit d'un niveau, sans base."""

from referentiel.correspondance import LectureDeGrille, NiveauPropre
from referentiel.echelle import Degre, Echelle


def degre(code: str, valeur: int, maximum: int = 3) -> Degre:
    return Degre(code, valeur, f"Niveau {code}", "plein", maximum)


QUATRE = Echelle(tuple(degre(code, valeur) for valeur, code in enumerate("1234")))
LETTRES = Echelle(tuple(degre(code, valeur, 2) for valeur, code in enumerate("CBA")))
NIVEAUX = {
    **{10 + un.valeur: NiveauPropre(un, 1, "Quatre niveaux") for un in QUATRE.degres},
    **{20 + un.valeur: NiveauPropre(un, 2, "Lettres") for un in LETTRES.degres},
}
SOURDE = LectureDeGrille(LETTRES, 2, "Nouvelle, version 2", NIVEAUX)
LISANTE = LectureDeGrille(LETTRES, 2, "Nouvelle, version 2", NIVEAUX, {13: 2, 12: 1})


def test_un_niveau_se_lit_dans_son_echelle_et_nulle_part_ailleurs():
    assert [SOURDE.valeur(niveau) for niveau in (20, 21, 22)] == [0, 1, 2]
    assert [SOURDE.valeur(niveau) for niveau in (10, 13, 99)] == [None, None, None]
    assert (SOURDE.origine(13), SOURDE.origine(22)) == ("4 Niveau 4 (Quatre niveaux)", "")


def test_une_correspondance_declaree_lit_niveau_par_niveau():
    assert [LISANTE.lu(niveau) for niveau in (13, 12, 11)] == [LETTRES.degres[2], LETTRES.degres[1], None]
    assert LISANTE.phrases([13, 20]) == (
        "Niveaux de l’échelle «\xa0Quatre niveaux\xa0» lus d’après la correspondance de la grille "
        "«\xa0Nouvelle, version 2\xa0»\xa0: 4 → A, 3 → B.",
    )
    assert LISANTE.phrases([20, 22]) == SOURDE.phrases([13]) == ()


def test_un_document_fige_se_relit_d_apres_l_echelle_qu_il_montrait():
    assert SOURDE.relu(LETTRES.degres[1], LETTRES) == LETTRES.degres[1]
    assert SOURDE.relu(QUATRE.degres[3], QUATRE) is None
    assert LISANTE.relu(QUATRE.degres[3], QUATRE) == LETTRES.degres[2]


def test_un_code_chiffre_qui_n_est_pas_sa_valeur_se_dit():
    """Codes 1 à 4 valués 0 à 3 : le tableau dit le nombre que prend le calcul."""
    assert (QUATRE.valeurs_a_dire, LETTRES.valeurs_a_dire) == (True, False)
    assert not Echelle(tuple(degre(str(valeur), valeur) for valeur in range(4))).valeurs_a_dire
