"""La table que l'on recopie dans LSL Pro : ses droits, sa correspondance, ce qui n'en sort pas."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from livret.models import Eleve, Situation
from tests import factories
from tests.litanie import EQUIPE_ET_ADMINISTRATION, connecte, requetes, statuts
from tests.monde import INTRUS, Monde


def lignes_csv(reponse) -> list[list[str]]:
    octets = reponse.getvalue()
    assert octets.startswith(b"\xef\xbb\xbf")
    return [ligne.split(";") for ligne in octets.decode("utf-8-sig").splitlines()]


def feuille(reponse) -> list[list[object]]:
    page = load_workbook(BytesIO(reponse.getvalue())).active
    return [[cellule.value for cellule in rang] for rang in page]


@pytest.fixture
def enseignant(monde: Monde) -> Client:
    return connecte(monde.a.enseignant)


@pytest.fixture
def lsl(monde: Monde) -> str:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="publiee")
    return reverse("livret:lsl", args=[monde.a.classe.pk])


def test_qui_ouvre_l_aide_lsl(monde, lsl):
    assert statuts(monde, lsl) == EQUIPE_ET_ADMINISTRATION


def test_le_degre_est_le_niveau_plus_un(monde, enseignant, lsl):
    Eleve.objects.filter(pk=monde.a.eleves[0].pk).update(ine="123456789AB")
    page = enseignant.get(lsl)
    texte = page.content.decode()
    assert "Aide à la saisie LSL Pro" in texte
    assert "export LSL" not in texte
    donnees = {champ.html_name: champ.value() for champ in page.context["form"]}
    assert donnees == {"niveau-0": "1", "niveau-1": "2", "niveau-2": "3", "niveau-3": "4", "niveau-": "NE"}
    lignes = lignes_csv(enseignant.get(lsl, {**donnees, "csv": "1"}))
    assert lignes[0] == ["nom", "prénom", "INE", "compétence", "degré"]
    assert lignes[1:3] == [
        ["ALPHA-A1", "Camille", "123456789AB", "C1 Lire un plan", "3"],
        ["ALPHA-A1", "Camille", "123456789AB", "C2 Choisir un procédé", "4"],
    ]
    dominique = {ligne[3][:2]: ligne[4] for ligne in lignes if ligne[1] == "Dominique"}
    assert (dominique["C1"], dominique["C2"]) == ("2", "NE")
    assert INTRUS not in str(lignes)


def test_la_correspondance_se_change_et_se_verifie(enseignant, lsl):
    choix = {"niveau-0": "A", "niveau-1": "B", "niveau-2": "C", "niveau-3": "D", "niveau-": "X"}
    classeur = feuille(enseignant.get(lsl, {**choix, "xlsx": "1"}))
    assert [rang[4] for rang in classeur[:3]] == ["degré", "C", "D"]
    incomplet = enseignant.get(lsl, {**choix, "niveau-2": "", "csv": "1"})
    assert (incomplet.status_code, "Ce champ est obligatoire" in incomplet.content.decode()) == (422, True)


def test_rien_de_non_publie_n_en_sort(monde, enseignant):
    page = enseignant.get(reverse("livret:lsl", args=[monde.a.classe.pk]))
    assert {ligne[4] for ligne in page.context["lignes"]} == {"NE"}


def test_requetes(monde, enseignant, lsl):
    assert requetes(lambda: enseignant.get(lsl)) == 11
    for rang in range(2):
        factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}")
    assert requetes(lambda: enseignant.get(lsl)) == 11
