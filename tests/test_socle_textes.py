"""Ce que toute page dit d'un nombre, tout classeur d'un texte, toute liste d'un voisin."""

from decimal import Decimal

import pytest
from django.template import Context, Template

from livret.personnes.recherche import trouves
from trpm.textes import (
    inerte,
    passerait_pour_une_formule,
    pluriel,
    sans_retour_chariot,
)
from trpm.voisins import Voisins, voisins


@pytest.mark.parametrize(
    ("nombre", "formes", "attendu"),
    [
        (0, "s", ""),
        (1, "s", ""),
        (2, "s", "s"),
        (-2, "s", "s"),
        (Decimal("1.5"), "s", ""),
        (Decimal(2), "x", "x"),
        (0, "a,ont", "a"),
        (1, "a,ont", "a"),
        (3, "a,ont", "ont"),
    ],
)
def test_le_pluriel_commence_a_deux(nombre: int | Decimal, formes: str, attendu: str) -> None:
    assert pluriel(nombre, formes) == attendu
    gabarit = Template("{{ nombre|pluriel:formes }}")
    assert gabarit.render(Context({"nombre": nombre, "formes": formes})) == attendu


@pytest.mark.parametrize(("liste", "attendu"), [([], ""), ([1], ""), ([1, 2], "s"), (None, "")])
def test_un_gabarit_accorde_aussi_une_liste(liste: list[int] | None, attendu: str) -> None:
    assert Template("{{ liste|pluriel }}").render(Context({"liste": liste})) == attendu


@pytest.mark.parametrize(
    "texte", ["=1+1", "+33 6", "-2", "@nom", "\t=1", "\r=1", "\n=1", "  =1", "\n\n  @x", "\tTab"]
)
def test_un_texte_qui_passerait_pour_une_formule(texte: str) -> None:
    assert passerait_pour_une_formule(texte)
    assert inerte(texte) == f"'{texte}"


@pytest.mark.parametrize("texte", ["", "C1", "1=1", "Alésage H7 = 20", "(-2)"])
def test_un_texte_ordinaire_reste_tel_quel(texte: str) -> None:
    assert inerte(texte) == texte


def test_les_retours_du_navigateur_deviennent_des_lignes() -> None:
    assert sans_retour_chariot("  a\r\nb\rc\n ") == "a\nb\nc"


def test_les_voisins() -> None:
    assert voisins("abc", "a") == Voisins(None, "b", 1, 3)
    assert voisins("abc", "b") == Voisins("a", "c", 2, 3)
    assert voisins("abc", "c") == Voisins("b", None, 3, 3)
    assert voisins("abc", "d") == voisins("", "a") == Voisins()


def test_chercher_sans_accents_ni_ordre() -> None:
    fiches = [(1, "Éloïse", "Dupré-Noël", None), (2, "Jean", "", "INE"), (3, "Usinage", "Lyon", "Zoé")]
    assert trouves("dupre eloise", fiches) == [1]
    assert trouves("NOEL", fiches) == [1]
    assert trouves("zoé lyon", [*fiches, (3, "", "", "Max")]) == [3]
    assert trouves("max usinage", [*fiches, (3, "", "", "Max")]) == [3]
    assert trouves("absent", fiches) == []
