"""Les images du livret : justes, déterministes, sans style, et un niveau inconnu n'est jamais un zéro."""

import datetime
import re
from xml.etree import ElementTree

import pytest

from livret.eleve import graphiques
from livret.eleve.curseur import curseur
from livret.eleve.graphiques import (
    ELEVE,
    ENSEIGNANTS,
    TUTEUR,
    PartBarre,
    Point,
    TraceRadar,
)

CODES = ("C1", "C2", "C3", "C4")
ECHELLE = ("0", "1", "2", "3")
SVG = "{http://www.w3.org/2000/svg}"
SEMESTRES = ("2de S1", "2de S2", "1re S1", "1re S2", "Tle S1", "Tle S2")


def radar(*rangs: int | None, codes: tuple[str, ...] = CODES) -> str:
    return graphiques.radar(
        codes, ECHELLE, (TraceRadar("Enseignants", ENSEIGNANTS, rangs),), "radar", "Radar"
    )


def frise(*points: Point, attendus: tuple[int | None, ...] = (None,) * 6) -> str:
    return graphiques.frise(points, attendus, ECHELLE, SEMESTRES, "frise", "Évolution", "rien")


def barre(*parts: PartBarre) -> str:
    return graphiques.barre(parts, 4, "barre", "Bloc")


def marques(svg: str) -> int:
    """Points dessinés pour les voix, sans ceux de la légende."""
    racine = ElementTree.fromstring(svg)
    voix = [groupe for groupe in racine.iter() if groupe.get("class") == "voix"]
    return sum(element.get("class") == "marque" for groupe in voix for element in groupe.iter())


def trace(svg: str) -> str:
    """Le chemin qui relie les niveaux."""
    racine = ElementTree.fromstring(svg)
    (voix,) = [groupe for groupe in racine.iter() if groupe.get("class") == "voix"]
    return next((element.get("d", "") for element in voix if element.get("d")), "")


def portrait(codes: tuple[str, ...]) -> tuple[str, ...]:
    trace = TraceRadar("Enseignants", ENSEIGNANTS, tuple(rang % 4 for rang in range(len(codes))))
    return graphiques.portrait(codes, ECHELLE, (trace,), "radar", "Portrait")


TOUS = {
    "radar": lambda: radar(3, 0, None, 1),
    "bandes": lambda: graphiques.bandes(
        ("C1", "C2"), ECHELLE, (TraceRadar("Élève", ELEVE, (1, None)),), "bandes", "Bandes"
    ),
    "frise": lambda: frise(Point(1.5, 2, TUTEUR), Point(2, 0, ELEVE), attendus=(0, 1, 1, 2, None, 3)),
    "barre": lambda: barre(PartBarre("C1", "2", 2, "demi"), PartBarre("C2", "", None, "")),
}


@pytest.mark.parametrize("nom", TOUS)
def test_la_page_et_le_pdf_acceptent_l_image(nom: str) -> None:
    svg = TOUS[nom]()
    for interdit in ("style", "<script", "<metadata", "http://www.w3.org/TR", "<!DOCTYPE", "<?xml"):
        assert interdit not in svg
    assert f'role="img" aria-labelledby="{nom}-titre {nom}-description"' in svg
    assert not re.search(r"20\d\d-\d\d-\d\d", svg)


@pytest.mark.parametrize("nom", TOUS)
def test_les_memes_donnees_font_les_memes_octets(nom: str) -> None:
    premiere = TOUS[nom]()
    for dessin in (graphiques.radar, graphiques.bandes, graphiques.frise, graphiques.barre):
        dessin.cache_clear()
    assert TOUS[nom]() == premiere


@pytest.mark.parametrize("nom", TOUS)
def test_les_identifiants_portent_le_nom_du_dessin_et_chaque_renvoi_aboutit(nom: str) -> None:
    svg = TOUS[nom]()
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(identifiant.startswith(f"{nom}-") for identifiant in ids)
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', svg)) <= set(ids)


def test_non_evalue_est_un_trou_et_jamais_zero() -> None:
    assert (marques(radar(1, 0, 2, 3)), marques(radar(1, None, 2, 3))) == (4, 3)
    assert (trace(radar(1, 0, 2, 3)).count("M"), trace(radar(1, None, 2, 3)).count("M")) == (1, 2)
    assert marques(radar(None, None, None, None)) == 0
    assert "C2 –" in radar(1, None, 2, 3)


def test_le_plus_bas_niveau_n_est_pas_au_centre() -> None:
    assert trace(radar(0, 0, 0, 0)) != trace(radar(1, 1, 1, 1))
    points = {point.strip() for point in re.split("[ML]", trace(radar(0, 0, 0, 0))) if point.strip()}
    assert len(points) == 4


def test_deux_competences_ne_font_pas_une_surface() -> None:
    svg = radar(1, 2, codes=("C1", "C2"))
    assert "surface" not in svg
    assert marques(svg) == 2
    assert radar(1, 2, 3, None).count('class="surface"') == 2


def test_sans_competence() -> None:
    assert "<svg" in radar(codes=())
    assert "<svg" in portrait(())[0]
    assert "<svg" in barre()


@pytest.mark.parametrize(("combien", "dessins"), [(2, 1), (3, 1), (16, 1), (17, 1), (80, 2), (625, 16)])
def test_le_portrait_montre_chaque_competence_une_fois_quel_que_soit_leur_nombre(
    combien: int, dessins: int
) -> None:
    codes = tuple(f"CP{rang:03d}" for rang in range(combien))
    faits = portrait(codes)
    assert len(faits) == dessins
    assert sum(map(marques, faits)) == combien
    assert [code for code in codes if "".join(faits).count(f">{code}</text>") != 1] == []
    hauteurs = [float(svg.partition('height="')[2].partition('"')[0]) for svg in faits]
    assert max(hauteurs) < 800  # une page
    assert len(set(re.findall(r'\bid="([^"]+)"', "".join(faits)))) == 2 * dessins


def test_la_barre_d_une_epreuve_de_80_competences_compte_chaque_niveau() -> None:
    parts = [PartBarre(f"C{rang}", "2", 2, "demi") for rang in range(50)]
    parts += [PartBarre(f"D{rang}", "", None, "") for rang in range(30)]
    assert [dit.text for dit in ElementTree.fromstring(barre(*parts)).iter(f"{SVG}text")] == [
        "2 : 50",
        "30 –",
    ]


CODES_LIBRES = ("$x^$", '"', "<&>", "++", "C" * 30)


def test_un_code_libre_ne_casse_aucun_dessin() -> None:
    """Deux dollars faisaient lire une formule, un guillemet fermait l'attribut."""
    for dessin in (
        *portrait(CODES_LIBRES),
        *portrait(CODES_LIBRES[:2]),
        barre(*(PartBarre(code, "--", 0, "vide") for code in CODES_LIBRES)),
        graphiques.frise((), (None,), CODES_LIBRES, ("$1$",), 'frise-"', "$x^$", "<"),
    ):
        racine = ElementTree.fromstring(dessin)
        dits = {element.text for element in racine.iter(f"{SVG}text")}
        assert any(dit and dit.startswith("$") for dit in dits)


def test_chaque_voix_a_sa_forme_sa_couleur_et_ses_tirets() -> None:
    traits = (ENSEIGNANTS, ELEVE, TUTEUR)
    for aspect in ("couleur", "marque", "tirets"):
        assert len({getattr(trait, aspect) for trait in traits}) == 3


def test_la_description_dit_tout() -> None:
    assert "Enseignants. C1 : niveau 3 ; C2 : niveau 0 ; C3 : non évaluée ; C4 : niveau 1." in radar(
        3, 0, None, 1
    )
    assert ">C1 : niveau 2 ; C2 : non évaluée</desc>" in TOUS["barre"]()


@pytest.mark.parametrize(
    ("demande", "semaine", "jour"),
    [
        ("", 138, "2026-03-20"),
        ("138", 138, "2026-03-20"),
        ("10", 10, "2023-10-10"),
        ("0", 1, "2023-08-08"),
        ("99999", 138, "2026-03-20"),
        ("-3", 138, "2026-03-20"),
        ("demain", 138, "2026-03-20"),
    ],
)
def test_le_curseur_reste_entre_l_entree_en_2de_et_aujourd_hui(demande: str, semaine: int, jour: str) -> None:
    ou = curseur(datetime.date(2023, 8, 1), datetime.date(2026, 3, 20), demande)
    assert (ou.semaine, ou.jour.isoformat()) == (semaine, jour)
