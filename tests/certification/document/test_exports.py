"""Tables à recopier : notes pour CYCLADES, degrés pour LSL Pro ; un texte n'y devient jamais une formule."""

from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from livret.models import Eleve, Situation
from tests import factories
from tests.certification.scene import COMMISSION, adresse, decider, figer, statuts
from tests.litanie import connecte, requetes
from tests.monde import INTRUS
from trpm.documents import table_csv

PIEGES = ["=1+1", "+33", "-2", "@SOMME(A1)", "\t=1", "\r=1", "\n=1", "  =1"]


def lignes_csv(reponse) -> list[list[str]]:
    octets = reponse.getvalue()
    assert octets.startswith(b"\xef\xbb\xbf")
    return [ligne.split(";") for ligne in octets.decode("utf-8-sig").splitlines()]


def feuille(reponse) -> list[list[object]]:
    page = load_workbook(BytesIO(reponse.getvalue())).active
    return [[cellule.value for cellule in rang] for rang in page]


@pytest.fixture
def enseignant(monde):
    return connecte(monde.a.enseignant)


@pytest.fixture
def lsl(monde) -> str:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="publiee")
    return adresse("lsl", monde.a.classe.pk)


@pytest.mark.parametrize("nom", ["notes-csv", "notes-xlsx"])
def test_qui_exporte_les_notes(monde, nom):
    assert statuts(monde, adresse(nom, monde.a.commission.pk)) == COMMISSION


def test_les_notes_figees_et_proposees_sortent_seules(monde, president, camille, dominique):
    decider(monde, camille, "15.5")
    Eleve.objects.filter(pk=camille.eleve_id).update(numero_candidat="02612345")
    camille.motif_ecart = "Progrès."
    camille.save()
    figer(monde, camille)
    propose = factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, "ALPHA-A3", "Sacha"))
    decider(monde, propose, "12")
    absent = factories.eleve(monde.a.classe, "ALPHA-A4", "Lou")
    factories.dossier(monde.a.commission, absent, situation="absent_justifie")

    attendues = [
        ["N° candidat", "Nom", "Prénom", "Épreuve", "Note", "État"],
        ["02612345", "ALPHA-A1", "Camille", "EP1", "15,50", "figée le 3 juin 2026, version 1"],
        ["", "ALPHA-A2", "Dominique", "EP1", "", "à compléter"],
        ["", "ALPHA-A3", "Sacha", "EP1", "12,00", "proposée, non figée"],
        ["", "ALPHA-A4", "Lou", "EP1", "", "absent justifié"],
    ]
    pk = monde.a.commission.pk
    assert lignes_csv(president.get(adresse("notes-csv", pk))) == attendues
    classeur = feuille(president.get(adresse("notes-xlsx", pk)))
    assert [rang[4] for rang in classeur] == ["Note", 15.5, None, 12, None]
    assert [rang[5] for rang in classeur] == [rang[5] for rang in attendues]


@pytest.mark.parametrize("texte", PIEGES)
def test_un_texte_n_est_jamais_une_formule(monde, president, camille, texte):
    assert table_csv([[texte, Decimal("-1.5")]]).decode("utf-8-sig").lstrip('"').startswith("'" + texte[0])
    assert table_csv([[Decimal("-1.5")]]) == b"\xef\xbb\xbf-1,5\r\n"
    Eleve.objects.filter(pk=camille.eleve_id).update(prenom=texte)
    page = load_workbook(
        BytesIO(president.get(adresse("notes-xlsx", monde.a.commission.pk)).getvalue())
    ).active
    assert {cellule.data_type for rang in page for cellule in rang if isinstance(cellule.value, str)} == {"s"}


def test_qui_ouvre_l_aide_lsl(monde, lsl):
    assert statuts(monde, lsl) == {
        "administrateur": 200,
        "enseignant": 200,
        "eleve": 403,
        "membre": 403,
        "president": 403,
        "membre d’une autre commission": 403,
        "ailleurs": 403,
    }
    assert connecte(monde.b.enseignant).get(lsl).status_code == 404
    assert connecte(monde.a.collegue).get(lsl).status_code == 404


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
    page = enseignant.get(adresse("lsl", monde.a.classe.pk))
    assert {ligne[4] for ligne in page.context["lignes"]} == {"NE"}


def test_requetes(monde, president, enseignant, lsl):
    notes = adresse("notes-csv", monde.a.commission.pk)
    monde.a.dossiers[1].delete()
    assert (requetes(lambda: president.get(notes)), requetes(lambda: enseignant.get(lsl))) == (23, 11)
    for rang in range(2):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}")
        factories.dossier(monde.a.commission, eleve)
    assert (requetes(lambda: president.get(notes)), requetes(lambda: enseignant.get(lsl))) == (23, 11)
