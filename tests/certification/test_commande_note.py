"""`manage.py note` : une note depuis un fichier, sans base de données."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import FICHIER_TRPM


def note(*arguments: str) -> str:
    sortie = StringIO()
    call_command("note", str(FICHIER_TRPM), *arguments, stdout=sortie)
    return sortie.getvalue()


def test_une_note_complete_s_explique():
    assert note("RSP", "E31", "C6=2", "C7=2", "C8=1", "C9=3").splitlines() == [
        "E31 Projet de réalisation d’un produit ou d’un outillage",
        "Option RSP, TRPM 2020, Grille livrée, non officielle",
        "C6 : poids 22 (46,81 %) × niveau 2 = 44",
        "C7 : poids 12 (25,53 %) × niveau 2 = 24",
        "C8 : poids 7 (14,89 %) × niveau 1 = 7",
        "C9 : poids 6 (12,77 %) × niveau 3 = 18",
        "Somme des poids : 47 ; niveau maximal : 3",
        "Note brute : 20 × 93 / (3 × 47) = 620/47 = 13,19 / 20",
        "Arrondi : au demi-point supérieur",
        "Note calculée : 13,5\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20",
    ]


@pytest.mark.parametrize(
    ("arguments", "brute", "calculee"),
    [
        (("RSP", "E2", "C1=2", "C4=3", "C5=2"), "320/21", "15.5"),
        (("RSP", "E31", "C6=2", "C7=2", "C8=1", "C9=3"), "620/47", "13.5"),
        (("RSP", "E32", "C2=3", "C3=2", "C10=1", "C11=2", "C12=2"), "260/21", "12.5"),
        (("RMO", "E2", "C1=3", "C4=1", "C5=2"), "1400/111", "13.0"),
        (("RMO", "E31", "C6=3", "C7=3", "C8=3", "C9=3"), "20", "20.0"),
    ],
)
def test_json_complet(arguments, brute, calculee):
    objet = json.loads(note(*arguments, "--json"))
    assert (objet["brute"], objet["calculee"], objet["complete"]) == (brute, calculee, True)
    assert objet["provisoires"] == {"sur_evaluees": None, "avec_zero": None}


@pytest.mark.parametrize("absente", [(), ("C9=NE",)])
def test_json_incomplet_donne_les_deux_notes_provisoires(absente):
    objet = json.loads(note("RSP", "E31", "C6=2", "C7=2", "C8=1", *absente, "--json"))
    assert (objet["brute"], objet["calculee"], objet["complete"]) == (None, None, False)
    assert objet["manquantes"] == ["C9"]
    assert objet["provisoires"] == {
        "sur_evaluees": {"brute": "500/41", "calculee": "12.5"},
        "avec_zero": {"brute": "500/47", "calculee": "11.0"},
    }


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (("XXX", "E2"), "« XXX » n’est pas une option de ce fichier. Choix : RSP, RMO."),
        (("RSP", "E9"), "« E9 » n’est pas une épreuve de ce fichier. Choix : E2, E3, E31, E32."),
        (
            ("RSP", "E3"),
            "L’épreuve E3 ne porte aucune compétence en option RSP. Choix : E2, E31, E32.",
        ),
        (("RSP", "E2", "C6=2"), "C6 n’est pas une compétence de E2 (C1, C4, C5)."),
        (("RSP", "E2", "C1=4"), "« 4 » n’est pas un niveau pour C1. Choix : 0, 1, 2, 3, NE."),
        (("RSP", "E2", "C1"), "« C1 » ne se comprend pas : écrivez par exemple C6=2."),
        (("RSP", "E2", "C1=1", "C1=2"), "C1 est donné deux fois. Gardez un seul niveau."),
        (("RSP", "E2", "--grille", "x"), "« x » n’est pas une grille de ce fichier. Choix : livree-1."),
        (("RSP", "E2", "--bonus", "1"), "Bonus 1 hors bornes : de 0 à 0."),
        (("RSP", "E2", "--bonus", "un"), "« un » n’est pas un nombre de points. Exemple : 0,5."),
    ],
)
def test_une_mauvaise_demande_s_explique(arguments, phrase):
    with pytest.raises(CommandError) as refus:
        note(*arguments)
    assert str(refus.value) == phrase


def test_un_fichier_absent_se_dit(tmp_path):
    chemin = tmp_path / "rien.json"
    with pytest.raises(CommandError) as refus:
        call_command("note", str(chemin), "RSP", "E2")
    assert str(refus.value) == f"Le fichier {chemin} n’existe pas."


def test_un_dossier_n_est_pas_un_fichier(tmp_path):
    with pytest.raises(CommandError) as refus:
        call_command("note", str(tmp_path), "RSP", "E2")
    assert str(refus.value) == f"Le fichier {tmp_path} ne se lit pas."


def test_un_fichier_fautif_donne_ses_fautes(tmp_path):
    chemin = tmp_path / "vide.json"
    chemin.write_text("{}")
    with pytest.raises(CommandError) as refus:
        call_command("note", str(chemin), "RSP", "E2")
    assert str(refus.value).startswith(f"Le fichier {chemin} n’est pas un référentiel valide.\nligne 1")
