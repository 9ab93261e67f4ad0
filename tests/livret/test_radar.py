"""Le radar : une géométrie juste, et un niveau inconnu qui n'est jamais un zéro."""

from math import hypot

from livret.radar import COTE, RAYON, radar

CODES = ["0", "1", "2", "3"]


def distance(point: tuple[str, str]) -> float:
    return hypot(float(point[0]) - COTE / 2, float(point[1]) - COTE / 2)


def test_le_plus_haut_niveau_est_au_bord_et_le_plus_bas_n_est_pas_au_centre() -> None:
    dessin = radar([("C1", 3), ("C2", 0), ("C3", None)], CODES)
    haut, bas, inconnu = dessin.axes
    assert round(distance(haut.point)) == RAYON
    assert round(distance(bas.point)) == RAYON / 4
    assert inconnu.point is None


def test_la_surface_ne_relie_que_des_voisines_evaluees() -> None:
    assert len(radar([("C1", 1), ("C2", 1), ("C3", 1), ("C4", 1)], CODES).segments) == 4
    assert len(radar([("C1", 1), ("C2", 1), ("C3", None), ("C4", 1)], CODES).segments) == 2
    assert radar([("C1", None), ("C2", None), ("C3", None)], CODES).secteurs == ()


def test_deux_competences_ne_font_pas_une_surface() -> None:
    assert radar([("C1", 1), ("C2", 2)], CODES).segments == ()


def test_la_description_dit_tout() -> None:
    dessin = radar([("C1", 3), ("C2", None)], CODES)
    assert dessin.description == "C1 : niveau 3 ; C2 : non évaluée"


def test_les_coordonnees_s_ecrivent_avec_un_point() -> None:
    dessin = radar([("C1", 1), ("C2", 2), ("C3", 3)], CODES)
    assert "," not in "".join((*dessin.secteurs, *dessin.segments, *(rayon for _, rayon in dessin.cercles)))


def test_sans_competence() -> None:
    assert radar([], CODES).axes == ()
