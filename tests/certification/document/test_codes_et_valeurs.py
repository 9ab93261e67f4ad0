"""Des niveaux codés 1 à 4 et valués 0 à 3 : ce que la table dit est ce que le calcul emploie, partout."""

import re
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook

from certification.document import classeurs, tirage
from certification.dossier.resultats import DossierLu, dossier_lu
from livret.saisie.enregistrement import enregistrer
from livret.saisie.forms.grille import case_lue
from livret.saisie.jugement import Geste
from tests import factories
from tests.certification.document.test_classeurs import avec_tableur, notes, pareilles, recalculer, valeurs
from tests.certification.dossier.sorties import texte
from tests.ecole_a_criteres import EcoleACriteres, ecole_a_criteres
from tests.factories.referentiel import FICHIER_A_CRITERES
from tests.litanie import connecte
from trpm.permissions import Role

DITS = "1 compté 0, 2 compté 1, 3 compté 2, 4 compté 3"


@pytest.fixture
def ecole(db: None) -> EcoleACriteres:
    """Sa promotion suit la grille à compétences : C1 pèse 1, C2 pèse 2, sur quatre niveaux codés 1 à 4."""
    ecole = ecole_a_criteres()
    promotion = ecole.classe.promotion
    promotion.grille = ecole.diplome.grilles.get(version="1")
    promotion.save()
    return ecole


def lu(ecole: EcoleACriteres, **niveaux: str) -> DossierLu:
    gestes = [Geste(case_lue(ecole.case(code)), niveau) for code, niveau in niveaux.items()]
    assert enregistrer(ecole.situation(), gestes, ecole.professeur).complet
    commission = factories.commission(ecole.classe.promotion, "E1", [ecole.professeur])
    return dossier_lu(factories.dossier(commission, ecole.eleve))


def test_la_page_et_l_imprime_disent_le_meme_nombre(ecole):
    grille = lu(ecole, C1="4", C2="2")
    president = factories.utilisateur(Role.PRESIDENT, Role.MEMBRE, etablissement=ecole.lycee)
    page = connecte(president).get(reverse("certification:origine", args=[grille.dossier.pk]))
    dite = texte(page.content.decode()).replace("\xa0", " ")
    pas = re.findall(r"(C\d) : poids \S+ \(\S+ %\) × niveau (\d), compté (\d) = (\d)", dite)
    assert pas == [("C1", "4", "3", "3"), ("C2", "2", "1", "2")]
    assert re.findall(r"compté (\d)", dite.split("Le calcul, pas à pas")[0]) == ["3", "1"]
    imprimee = texte(tirage.html(grille, "grilles"))
    assert all(f"compté {valeur}" in imprimee for valeur in range(4))


def test_la_commande_dit_le_code_donne_et_sa_valeur():
    sortie = StringIO()
    fichier = str(FICHIER_A_CRITERES)
    call_command("note", fichier, "OA", "E1", "C1=4", "C2=2", "--grille", "1", stdout=sortie)
    assert sortie.getvalue().replace("\xa0", " ").splitlines()[2:] == [
        "C1 : poids 1 (33,33 %) × niveau 4, compté 3 = 3",
        "C2 : poids 2 (66,67 %) × niveau 2, compté 1 = 2",
        "Somme des poids : 3 ; niveau maximal : 3",
        "Note brute : 20 × 5 / (3 × 3) = 100/9 = 11,11 / 20",
        "Arrondi : au demi-point supérieur",
        "Note calculée : 11,5 / 20",
    ]


def test_la_commande_le_dit_aussi_de_chaque_critere():
    sortie = StringIO()
    niveaux = ("K1=4", "K2=3", "K3=4", "K4=3")
    call_command("note", str(FICHIER_A_CRITERES), "OA", "E1", *niveaux, stdout=sortie)
    lignes = sortie.getvalue().replace("\xa0", " ").splitlines()
    assert lignes[2:5] == [
        "K1 : poids 0,4, 40,00 % de C1 × niveau 4, compté 3 = 1,2",
        "K2 : poids 0,6, 60,00 % de C1 × niveau 3, compté 2 = 1,2",
        "C1 : poids 1 (33,33 %) × niveau 2,4 = 2,4",
    ]


@avec_tableur
@pytest.mark.imprime
def test_le_classeur_compte_ce_qu_il_montre(ecole, tmp_path):
    octets = classeurs.commission([lu(ecole, C1="4", C2="2")])
    page = load_workbook(BytesIO(octets)).worksheets[1]
    assert (page["B9"].value, page["E10"].value) == (DITS, "Niveau compté")
    (choix,) = page.data_validations.dataValidation
    assert choix.formula1 == '"0,1,2,3"'
    dites = "0 (niveau 1), 1 (niveau 2), 2 (niveau 3), 3 (niveau 4)"
    assert choix.error.replace("\xa0", " ").startswith(f"Niveaux possibles : {dites}.")
    montrees, refaites = valeurs(octets), recalculer(octets, tmp_path)
    assert pareilles(montrees, refaites)
    (feuille,) = [cellules for titre, cellules in refaites.items() if titre != "Récapitulatif"]
    assert [[feuille[f"{colonne}{rang}"] for colonne in "CEF"] for rang in (11, 12)] == [[1, 3, 3], [2, 1, 2]]
    assert abs(notes(feuille)["Note brute"] - 100 / 9) < 1e-9
    assert notes(feuille)["Note calculée"] == 11.5


def test_une_echelle_dont_les_codes_sont_les_valeurs_ne_dit_rien_de_plus(monde, camille):
    page = load_workbook(BytesIO(classeurs.grille(dossier_lu(camille)))).active
    assert (page["A9"].value, page["E10"].value) == (None, "Niveau")
