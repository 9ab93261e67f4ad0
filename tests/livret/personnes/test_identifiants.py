"""UAI, INE, noms repliés, identifiants de connexion."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livret.personnes.identifiants import (
    LETTRES_UAI,
    base_identifiant,
    faute_uai,
    identifiant_libre,
    ine_normalise,
    ine_reconnu,
    lettre_uai,
    mot_de_passe_lisible,
    plie,
    siret_normalise,
    telephone_normalise,
    uai_normalise,
)


@pytest.mark.parametrize(
    ("uai", "faute"),
    [
        ("0400740M", ""),
        ("0400740A", "La lettre de contrôle de l’UAI « 0400740A » est fausse : 0400740 attend M."),
        *(
            (
                brut,
                f"« {brut} » n’est pas un UAI : il faut sept chiffres puis une lettre, par exemple 0400740M.",
            )
            for brut in ("", "0400740", "0400740m", "00400740M", "０４００７４０M")
        ),
    ],
)
def test_uai(uai: str, faute: str) -> None:
    assert faute_uai(uai) == faute


@given(st.integers(0, 9_999_999))
def test_une_seule_lettre_convient(numero: int) -> None:
    chiffres = f"{numero:07d}"
    justes = [lettre for lettre in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if not faute_uai(chiffres + lettre)]
    assert justes == [lettre_uai(chiffres)]
    assert justes[0] in LETTRES_UAI


def test_uai_normalise() -> None:
    assert uai_normalise(" 0400740 m ") == "0400740M"


@pytest.mark.parametrize(
    ("ine", "reconnu"),
    [
        ("123456789AB", True),  # RNIE
        ("1234567890Z", True),  # BEA
        ("0ABC1234567", True),  # base 36
        ("1234A12345B", True),  # apprentissage
        ("1234D12345B", True),  # provisoire
        ("123456789IO", False),
        ("1234567890I", False),
        ("DEMO0001X", False),
        ("", False),
    ],
)
def test_ine(ine: str, reconnu: bool) -> None:
    assert ine_reconnu(ine) is reconnu


def test_ine_normalise() -> None:
    assert ine_normalise(" 123 456\u00a0789ab") == "123456789AB"


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("MOREL", "morel"),
        ("Jean-Éloï", "jean eloi"),
        ("D’Œuvre", "d oeuvre"),
        ("  Le  Goff ", "le goff"),
        ("Straße", "strasse"),
        ("e\u0301", "e"),
    ],
)
def test_plie(texte: str, attendu: str) -> None:
    assert plie(texte) == attendu


@given(st.text())
def test_plier_deux_fois_ne_change_rien(texte: str) -> None:
    assert plie(plie(texte)) == plie(texte)


@pytest.mark.parametrize(
    ("prenom", "nom", "attendu"),
    [
        ("Jean-Éloï", "Du Pré", "jeaneloi.dupre"),
        ("Zoé", "O’Neil", "zoe.oneil"),
        ("李", "王", "compte"),
        ("", "Seul", "seul"),
    ],
)
def test_base_identifiant(prenom: str, nom: str, attendu: str) -> None:
    assert base_identifiant(prenom, nom) == attendu


def test_identifiant_libre_se_retient() -> None:
    pris = {"zoe.roux"}
    assert [identifiant_libre("zoe.roux", pris) for _ in range(2)] == ["zoe.roux2", "zoe.roux3"]


def test_mot_de_passe_lisible() -> None:
    tires = {mot_de_passe_lisible() for _ in range(200)}
    assert len(tires) == 200
    assert all(re.fullmatch(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){2}", mot) for mot in tires)


def test_codes_colles_avec_des_signes_invisibles_ou_ressemblants() -> None:
    """Ce qu'un téléphone, un PDF ou un autre clavier met dans un code sans qu'on le voie."""
    assert [
        siret_normalise(brut)
        for brut in ("\u2060732 829 320‑00074\u200b", "73282932000O74", "７３２ 829 320 00074")
    ] == ["73282932000074"] * 3
    assert [uai_normalise(brut) for brut in ("\ufeff0400740M", "O400740м", "040-0740 m")] == ["0400740M"] * 3
    assert ine_normalise("\u202a110000001АА\u202c") == "110000001AA"
    assert [
        telephone_normalise(brut)
        for brut in ("\u202a04\u00a070\u202f12 34 56\u202c", "tel:04 70 12 34 56", "٠٤ ٧٠ 12 34 56")
    ] == ["04 70 12 34 56"] * 3
    assert telephone_normalise("04‑70‑12‑34‑56") == "04-70-12-34-56"
