"""La grille en classeur : ses formules refont la note, dans un tableur et pas seulement ici."""

import shutil
import subprocess
from fractions import Fraction
from functools import cache
from io import BytesIO
from itertools import product
from tempfile import TemporaryDirectory

import pytest
from openpyxl import load_workbook

from certification.document import classeurs
from certification.dossier.resultats import dossiers_lus
from livret.models import Eleve
from referentiel.arrondi import REGLES
from referentiel.models import Grille, Poids
from tests import factories
from tests.certification.scene import (
    adresse,
    decider,
    figer,
    lu,
)
from tests.litanie import requetes
from trpm.impression import documents

TABLEUR = next(filter(None, map(shutil.which, ["soffice", "libreoffice"])), None)
avec_tableur = pytest.mark.skipif(
    TABLEUR is None, reason="LibreOffice est introuvable : apt-get install libreoffice-calc-nogui"
)


@cache
def profil() -> TemporaryDirectory:
    """Celui du tableur, qu'un processus ne crée qu'une fois : c'est la moitié de son démarrage."""
    return TemporaryDirectory(prefix="trpm-tableur-")


def recalculer(octets: bytes, dossier) -> dict[str, dict[str, object]]:
    """Ouvre le classeur dans LibreOffice, l'y recalcule et rend les valeurs de chaque feuille.

    Les valeurs écrites à côté des formules en sont ôtées d'abord : rien n'est relu sans être refait.
    """
    source = dossier / "grille.xlsx"
    load_workbook(BytesIO(octets)).save(source)
    subprocess.run(
        [
            TABLEUR,
            f"-env:UserInstallation=file://{profil().name}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(dossier / "sortie"),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return valeurs((dossier / "sortie" / "grille.xlsx").read_bytes())


def valeurs(octets: bytes) -> dict[str, dict[str, object]]:
    """Ce que montre un lecteur qui ne calcule rien : les valeurs gardées à côté des formules."""
    classeur = load_workbook(BytesIO(octets), data_only=True)
    return {page.title: {c.coordinate: c.value for rang in page for c in rang} for page in classeur}


def pareilles(montrees: dict[str, dict[str, object]], refaites: dict[str, dict[str, object]]) -> bool:
    """Toute cellule d'une feuille, au milliardième près ; vide et texte vide se valent."""
    return all(
        abs(valeur - (refaites[feuille].get(cle) or 0)) < 1e-9
        if isinstance(valeur, int | float)
        else (valeur or None) == (refaites[feuille].get(cle) or None)
        for feuille, cellules in montrees.items()
        for cle, valeur in cellules.items()
    )


def notes(feuille: dict[str, object]) -> dict[str, object]:
    """Libellé (colonne B) vers valeur (colonne E), sous les compétences."""
    return {
        str(libelle).split(",")[0]: feuille.get(f"E{cle[1:]}")
        for cle, libelle in feuille.items()
        if cle.startswith("B") and libelle and int(cle[1:]) > classeurs.PREMIERE + 1
    }


def test_les_niveaux_se_modifient_et_les_formules_suivent(camille):
    page = load_workbook(BytesIO(classeurs.grille(lu(camille)))).active
    assert [(page[f"A{r}"].value, page[f"C{r}"].value, page[f"E{r}"].value) for r in (11, 12)] == [
        ("C1", 3, 2),
        ("C2", 1, 3),
    ]
    assert page["F11"].value == '=IF(ISNUMBER(E11),C11*E11,"")'
    (choix,) = page.data_validations.dataValidation
    assert (str(choix.sqref), choix.formula1, choix.allow_blank) == ("E11:E12", '"0,1,2,3"', True)


def test_un_telephone_montre_les_notes_sans_rien_calculer(monde, camille):
    decider(monde, camille, "15")
    feuilles = valeurs(classeurs.commission(dossiers_lus(monde.a.commission.dossiers.all())))
    camille = feuilles["1 ALPHA-A1 Camille"]
    assert [camille[cle] for cle in ("D11", "F11", "C13", "F13", "E15", "E16", "E17")] == [
        *(0.75, 6, 4, 9, 15, 15, "sans objet")
    ]
    dominique = feuilles["2 ALPHA-A2 Dominique"]
    assert [dominique[f"E{rang}"] for rang in range(15, 19)] == ["incomplète", "incomplète", 7, 5]
    recapitulatif = feuilles["Récapitulatif"]
    assert [recapitulatif[cle] for cle in ("F2", "G2", "F3", "G3")] == [15, 15, "incomplète", "incomplète"]


def test_chaque_feuille_s_imprime_large_d_une_page_sous_ses_titres(monde):
    octets = classeurs.commission(dossiers_lus(monde.a.commission.dossiers.all()))
    recapitulatif, *grilles = load_workbook(BytesIO(octets))
    assert len(grilles) == 2
    for page, titres in ((recapitulatif, "$1:$1"), *((grille, "$10:$10") for grille in grilles)):
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert (page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
        assert page.print_title_rows == titres


def test_des_noms_hostiles_font_des_titres_que_tout_tableur_ouvre(monde, camille, dominique):
    for dossier, nom in ((camille, "d'[A]:*?/\\ \ufffe\x07" + "É" * 60), (dominique, "''")):
        Eleve.objects.filter(pk=dossier.eleve_id).update(nom=nom, prenom="x'")
    lus = dossiers_lus(monde.a.commission.dossiers.all())
    classeur = load_workbook(BytesIO(classeurs.commission(lus)))
    assert len(classeur.sheetnames) == 3
    for titre in classeur.sheetnames:
        assert titre == documents.titre_de_feuille(titre)
    assert classeurs.grille(lus[0])


def test_un_texte_saisi_n_est_jamais_une_formule(monde, camille):
    camille.motif_ecart = "=HYPERLINK(1)"
    decider(monde, camille, "16")
    octets = classeurs.grille(lu(camille))
    page = load_workbook(BytesIO(octets)).active
    cellule = next(c for rang in page for c in rang if c.value == "=HYPERLINK(1)")
    assert (cellule.data_type, cellule.quotePrefix) == ("s", True)


def test_un_candidat_sans_note_n_a_pas_de_formule_de_note(camille):
    camille.situation = "dispense"
    camille.save()
    page = load_workbook(BytesIO(classeurs.grille(lu(camille)))).active
    textes = [str(c.value) for rang in page for c in rang]
    assert ("dispensé" in textes, [t for t in textes if "INT(" in t]) == (True, [])


def test_le_classeur_de_la_commission(monde, president, camille):
    decider(monde, camille)
    figer(monde, camille)
    reponse = president.get(adresse("classeur", monde.a.commission.pk))
    classeur = load_workbook(BytesIO(reponse.content))
    assert classeur.sheetnames == ["Récapitulatif", "1 ALPHA-A1 Camille", "2 ALPHA-A2 Dominique"]
    rangs = [[cellule.value for cellule in rang] for rang in classeur["Récapitulatif"]["B2:H3"]]
    assert [rang[:4] for rang in rangs] == [
        ["ALPHA-A1", "Camille", "USI", "figé"],
        ["ALPHA-A2", "Dominique", "USI", "à compléter"],
    ]
    assert rangs[0][5] == "='1 ALPHA-A1 Camille'!E16"
    assert str(classeur["1 ALPHA-A1 Camille"]["B8"].value).startswith("Figée, version 1, empreinte ")


def test_requetes(monde, president):
    url = adresse("classeur", monde.a.commission.pk)
    monde.a.dossiers[1].delete()
    assert requetes(lambda: president.get(url)) == 25
    for rang in range(2):
        factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}"))
    assert requetes(lambda: president.get(url)) == 25


@pytest.mark.imprime
@avec_tableur
def test_le_tableur_retrouve_les_memes_notes(monde, camille, tmp_path):
    decider(monde, camille, "15")
    octets = classeurs.commission(dossiers_lus(monde.a.commission.dossiers.all()))
    feuilles = recalculer(octets, tmp_path)
    assert pareilles(valeurs(octets), feuilles)

    assert notes(feuilles["1 ALPHA-A1 Camille"]) == {
        "Total": None,
        "Note brute": 15,
        "Note calculée": 15,
        "Provisoire": "sans objet",
        "Note proposée par la commission": 15,
    }
    incomplete = feuilles["2 ALPHA-A2 Dominique"]
    assert [incomplete[f"E{rang}"] for rang in range(15, 19)] == ["incomplète", "incomplète", 7, 5]
    assert (feuilles["Récapitulatif"]["F2"], feuilles["Récapitulatif"]["G2"]) == (15, 15)


@pytest.mark.long
@pytest.mark.imprime
@avec_tableur
@pytest.mark.parametrize("arrondi", list(REGLES))
def test_le_tableur_arrondit_comme_nous_sur_toutes_les_combinaisons(monde, arrondi, tmp_path):
    """Poids décimaux, demi-points exacts compris : chaque combinaison de niveaux de trois compétences."""
    grille = monde.a.commission.grille
    Grille.objects.filter(pk=grille.pk).update(arrondi=arrondi)
    Poids.objects.filter(grille=grille).delete()
    for code, valeur in (("C1", "2.5"), ("C2", "0.75"), ("C5", "1.75")):
        Poids.objects.create(
            grille=grille,
            epreuve=monde.a.commission.epreuve,
            competence=monde.referentiel.competences.get(code=code),
            valeur=valeur,
        )
    monde.a.commission.dossiers.all().delete()
    for rang, niveaux in enumerate(product(range(4), repeat=3)):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-{rang:03d}")
        for code, valeur in zip(("C1", "C2", "C5"), niveaux, strict=True):
            factories.evaluation(monde.a.situation, eleve, code, valeur)
        factories.dossier(monde.a.commission, eleve)
    lus = dossiers_lus(monde.a.commission.dossiers.all())
    octets = classeurs.commission(lus)
    feuilles = recalculer(octets, tmp_path)
    assert pareilles(valeurs(octets), feuilles)
    recapitulatif = feuilles["Récapitulatif"]

    assert len(lus) == 64
    assert sum(lu.grille.note.brute * 2 % 1 == 0 for lu in lus) > 4
    for rang, lu_ in enumerate(lus, start=2):
        obtenue = Fraction(str(recapitulatif[f"G{rang}"]))
        assert obtenue == Fraction(lu_.grille.calculee), lu_.grille.candidat
        assert abs(Fraction(recapitulatif[f"F{rang}"]) - lu_.grille.note.brute) < Fraction(1, 10**9)
