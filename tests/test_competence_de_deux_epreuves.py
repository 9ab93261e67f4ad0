"""Une compétence de deux épreuves : une fois dans le livret, la classe, l'échelle et les bilans ; dans chaque
épreuve, avec son poids, à la commission."""

from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from pypdf import PdfReader

from certification.dossier.resultats import dossier_lu
from livret.bilan.lus import bilan_lu
from livret.eleve.suivi import suivi
from livret.models import Eleve
from referentiel.models import Poids
from tests import factories
from tests.litanie import connecte
from tests.monde import Monde

CODES = ["C1", "C2", "C3", "C4", "C5"]


@pytest.fixture
def double(monde: Monde) -> Monde:
    """C1 est d'EP1, où elle pèse 3, et d'EP2, où elle pèse 8."""
    diplome, grille = monde.referentiel, monde.a.promotion.grille
    Poids.objects.create(
        grille=grille,
        epreuve=diplome.epreuves.get(code="EP2"),
        competence=diplome.competences.get(code="C1"),
        valeur=8,
    )
    return monde


def soupe(monde: Monde, nom: str, *args: int) -> BeautifulSoup:
    reponse = connecte(monde.a.enseignant).get(reverse(f"livret:{nom}", args=args))
    assert reponse.status_code == 200
    return BeautifulSoup(reponse.content.decode(), "html.parser")


def codes(page: BeautifulSoup, selecteur: str) -> list[str]:
    return sorted(un.get_text(" ").split()[0] for un in page.select(selecteur))


def test_le_livret_a_une_ligne_et_un_axe(double: Monde) -> None:
    camille = Eleve.objects.select_related("promotion__referentiel", "option").get(pk=double.a.eleves[0].pk)
    jour = double.a.situation.fin
    tenu = suivi(camille, jour, visibles_seulement=False)
    assert sorted(une.ligne.code for une in tenu.lignes) == CODES
    assert sum(une.ligne.degre is not None for une in tenu.lignes) == 2
    portrait = tenu.portrait(jour)
    assert sorted(rangee.code for rangee in portrait.rangees) == CODES
    page = soupe(double, "eleve", camille.pk)
    assert codes(page, "table.competences > tbody > tr > th > strong") == CODES
    papier = connecte(double.a.enseignant).get(reverse("livret:eleve-pdf", args=[camille.pk])).getvalue()
    lu = " ".join(page.extract_text() for page in PdfReader(BytesIO(papier)).pages)
    assert lu.count("Lire un plan") == lu.count("Choisir un procédé")


def test_la_classe_a_une_colonne_et_l_echelle_une_ligne(double: Monde) -> None:
    colonnes = soupe(double, "classe", double.a.classe.pk).select("thead th")
    dites = [une.get_text(" ").split()[0] for une in colonnes if une.get_text().strip()]
    assert [code for code in dites if code in CODES] == CODES
    echelle = soupe(double, "echelle", double.a.promotion.pk)
    assert [code for code in codes(echelle, "tbody th[scope=row] strong") if code in CODES] == CODES


def test_le_bilan_fige_une_ligne(double: Monde) -> None:
    camille = double.a.eleves[0]
    valide = bilan_lu(factories.bilan(camille, double.a.enseignant, "valide"))
    lignes = [ligne for _, _, siennes in valide.contenu.par_epreuve for ligne in siennes]
    assert sorted(ligne.code for ligne in lignes) == CODES
    page = soupe(double, "bilan", valide.bilan.pk)
    assert codes(page, "table.bilan-niveaux tbody th > strong") == CODES


def test_chaque_epreuve_la_note_avec_son_poids(double: Monde) -> None:
    """EP1 : (3 × 2 + 1 × 3) / 12 ; EP2, où elle est seule évaluée : incomplète, mais C1 y est."""
    ep2 = factories.commission(double.a.promotion, "EP2", [double.a.membre])
    grilles = [
        dossier_lu(dossier).grille
        for dossier in (double.a.dossiers[0], factories.dossier(ep2, double.a.eleves[0]))
    ]
    lus = [{ligne.code: (int(ligne.poids), ligne.propose) for ligne in grille.lignes} for grille in grilles]
    assert lus == [
        {"C1": (3, 2), "C2": (1, 3)},
        {"C1": (8, 2), "C3": (2, None), "C4": (2, None)},
    ]
    for code in ("C3", "C4"):
        factories.evaluation(
            factories.situation(double.a.classe, double.a.enseignant, [code]), double.a.eleves[0], code, 3
        )
    # (8 × 2 + 2 × 3 + 2 × 3) × 20 / (3 × 12) = 15,55…, donc 16 au demi-point supérieur.
    assert str(dossier_lu(ep2.dossiers.get()).grille.calculee) in ("16", "16.0")
    assert str(dossier_lu(double.a.dossiers[0]).grille.calculee) in ("15", "15.0")
