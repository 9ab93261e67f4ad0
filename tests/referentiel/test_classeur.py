"""Le classeur d'un référentiel : classeur → JSON → classeur identique, et chaque faute à sa place."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from referentiel.echange.classeur import classeur_de, texte_de_classeur
from referentiel.echange.plan import DIPLOME, feuilles
from referentiel.echange.tableau import mettre_a_plat, texte_de_tables
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import ImportReferentiel, Referentiel
from tests.referentiel.texte import rangees, texte

ICI = Path(__file__)
DEMO = ICI.with_name("demo.json").read_text(encoding="utf-8")
FICHIERS = [ICI.with_name("demo.json"), *sorted(ICI.parents[2].glob("fixtures/*.json"))]


def cellules(octets):
    classeur = load_workbook(io.BytesIO(octets))
    return {page.title: [[une.value for une in ligne] for ligne in page.iter_rows()] for page in classeur}


def change(octets, **changes):
    """Le classeur, ses cellules changées : `Options_A3="X"`."""
    classeur = load_workbook(io.BytesIO(octets))
    for ou, valeur in changes.items():
        titre, _, adresse = ou.rpartition("_")
        classeur[titre.replace("_", " ")][adresse] = valeur
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


@pytest.mark.parametrize("fichier", FICHIERS, ids=lambda chemin: chemin.stem)
def test_classeur_json_classeur(fichier):
    lu = fichier.read_text(encoding="utf-8")
    document = lire_texte(lu)
    octets = classeur_de(document.brut)
    ecrit = texte_de_classeur(octets)
    assert ecrit == ecrire(document.brut) == lu
    assert cellules(classeur_de(lire_texte(ecrit).brut)) == cellules(octets)
    assert texte_de_tables(mettre_a_plat(document.brut)) == lu


def test_le_modele_a_une_feuille_par_notion_une_explication_par_colonne():
    classeur = load_workbook(io.BytesIO(classeur_de({})))
    assert classeur.sheetnames == ["Mode d’emploi", *(feuille.titre for feuille in feuilles().values())]
    for feuille in feuilles().values():
        page = classeur[feuille.titre]
        if feuille.nom == DIPLOME:
            assert all(ligne[2].value for ligne in page.iter_rows(min_row=2))
            continue
        titres = [cellule.value.rstrip(" *") for cellule in page[1]]
        assert titres == list(feuille.titres)
        assert [bool(cellule.comment) for cellule in page[1]] == [bool(un.aide) for un in feuille.colonnes]
    regles = {
        regle.sqref.__str__(): regle.formula1 for regle in classeur["Niveaux"].data_validations.dataValidation
    }
    assert regles == {"A2:A501": "'Échelles'!$A$2:$A$500", "E2:E501": '"vide,quart,demi,trois_quarts,plein"'}


@pytest.mark.parametrize(
    ("changes", "attendues"),
    [
        (
            {"Options_A3": "BOIS"},
            ["ligne 3, Feuille « Options », colonne A « Code » : L’option « BOIS » existe déjà ligne 2"],
        ),
        (
            {"Niveaux_C3": "beaucoup"},
            ['ligne 3, Feuille « Niveaux », colonne C « Valeur » : Valeur reçue : "beaucoup". Écrivez un'],
        ),
        (
            {"Indicateurs_A3": "CP09"},
            ["ligne 3, Feuille « Indicateurs », colonne A « Rattaché à » : « CP09 » ne désigne"],
        ),
        (
            {"Savoirs_D2": "CP01; CP77"},
            ["ligne 2, Feuille « Savoirs », colonne D « Compétences » : « CP77 »"],
        ),
        (
            {"Diplôme_B2": "sigle à espace"},
            ["ligne 2, Feuille « Diplôme », colonne B « valeur » : Valeur reçue"],
        ),
        (
            {"Options_B1": "Titre"},
            ["ligne 1, Feuille « Options » : La colonne « Titre » n’est pas du modèle"],
        ),
        (
            {"Grilles_E2": "au_pif"},
            ["ligne 2, Feuille « Grilles », colonne E « Arrondi » : Valeur reçue"],
        ),
    ],
    ids=lambda un: next(iter(un)) if isinstance(un, dict) else "",
)
def test_une_faute_dit_sa_feuille_sa_ligne_et_sa_colonne(changes, attendues):
    octets = change(classeur_de(lire_texte(DEMO).brut), **changes)
    with pytest.raises(FichierInvalide) as erreur:
        texte_de_classeur(octets)
    dites = [str(faute).replace("\xa0", " ") for faute in erreur.value.fautes]
    for attendue in attendues:
        assert any(dite.startswith(attendue) for dite in dites), dites


def test_nombres_a_virgule_et_casse_des_titres():
    octets = change(
        classeur_de(lire_texte(DEMO).brut),
        Coefficients_C2="1,5",
        Options_A1="CODE",
        Options_B2="  chevaux de bois ",
    )
    assert texte_de_classeur(octets) == DEMO


def test_deposer_un_classeur(admin_client):
    def depose(octets):
        fichier = SimpleUploadedFile("diplome.xlsx", octets)
        return admin_client.post(reverse("referentiel:importer"), {"fichier": fichier})

    fautif = depose(change(classeur_de(lire_texte(DEMO).brut), Niveaux_C3="beaucoup"))
    assert rangees(fautif)[1][0] == "3"
    assert "Feuille « Niveaux », colonne C « Valeur »" in texte(fautif)
    assert "Ce classeur est abîmé" in texte(depose(b"PK\x03\x04abc"))
    apercu = depose(classeur_de(lire_texte(DEMO).brut))
    jeton = apercu.context["form"].initial["jeton"]
    admin_client.post(reverse("referentiel:importer-confirmer"), {"jeton": jeton})
    referentiel = Referentiel.objects.get()
    assert ContenuReferentiel(referentiel).texte() == DEMO
    note = ImportReferentiel.objects.get()
    assert (note.origine, note.nom, note.fichier) == ("classeur", "diplome.xlsx", DEMO)
    exporte = admin_client.get(reverse("referentiel:exporter-classeur", args=[referentiel.pk]))
    assert texte_de_classeur(exporte.content) == DEMO
    modele = admin_client.get(reverse("referentiel:modele"))
    assert cellules(modele.content) == cellules(classeur_de({}))


def test_un_export_rend_ce_que_l_import_a_lu(db):
    """Une forme que l'export n'écrit pas (groupes omis) se retrouve par le classeur comme par la base."""
    importer(lire_texte(DEMO.replace('  "voies": [],\n', "").replace('  "sources": [],\n', "")))
    exporte = ContenuReferentiel(Referentiel.objects.get()).texte()
    assert texte_de_classeur(classeur_de(lire_texte(exporte).brut)) == exporte == DEMO
