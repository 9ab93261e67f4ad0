"""La table des notes à recopier dans CYCLADES ; un texte n'y devient jamais une formule."""

from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from livret.models import Eleve
from tests import factories
from tests.certification.scene import COMMISSION, adresse, decider, figer, statuts
from tests.litanie import requetes
from trpm.documents import table_csv

PIEGES = ["=1+1", "+33", "-2", "@SOMME(A1)", "\t=1", "\r=1", "\n=1", "  =1"]


def lignes_csv(reponse) -> list[list[str]]:
    octets = reponse.getvalue()
    assert octets.startswith(b"\xef\xbb\xbf")
    return [ligne.split(";") for ligne in octets.decode("utf-8-sig").splitlines()]


def feuille(reponse) -> list[list[object]]:
    page = load_workbook(BytesIO(reponse.getvalue())).active
    return [[cellule.value for cellule in rang] for rang in page]


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


def test_requetes(monde, president):
    notes = adresse("notes-csv", monde.a.commission.pk)
    monde.a.dossiers[1].delete()
    assert requetes(lambda: president.get(notes)) == 23
    for rang in range(2):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}")
        factories.dossier(monde.a.commission, eleve)
    assert requetes(lambda: president.get(notes)) == 23
