"""Grilles et dossiers en PDF, relus par un lecteur indépendant."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from certification.document import tirage
from certification.dossier.resultats import dossiers_lus
from livret.models import Eleve
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    lu,
    statuts,
)
from tests.litanie import requetes
from trpm.impression import documents, lots

PIECES = (
    "le document descriptif des situations d’évaluation et des activités menées par le candidat",
    "l’inventaire des documents, des matériels et outils ou moyens numériques mis à la disposition du "
    "candidat pour l’évaluation des compétences",
    "la ou les fiches d’évaluation du travail réalisé, renseignées pour les compétences C1 et C2 pour "
    "chacune des situations d’évaluation mises en œuvre",
    "la synthèse des compétences démontrées",
)


def pages(octets: bytes) -> list[str]:
    """Texte de chaque page, blancs réduits."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(octets)).pages]


@pytest.mark.parametrize("nom", ["grille-pdf", "dossier-pdf", "grille-xlsx"])
def test_qui_imprime_un_dossier(monde, camille, nom):
    assert statuts(monde, adresse(nom, camille.pk)) == COMMISSION


def test_qui_imprime_la_commission(monde):
    assert statuts(monde, adresse("classeur", monde.a.commission.pk)) == COMMISSION


def test_la_grille_tient_en_une_page_et_dit_tout(monde, president, camille):
    commission = monde.a.commission
    factories.membre(commission, None, "professionnel", "M. Tour")
    commission.membres.filter(nom="M. Tour").update(present=False)
    camille.observations = "Parcours régulier."
    camille.motif_ecart = "Progrès constants."
    Eleve.objects.filter(pk=camille.eleve_id).update(numero_candidat="02612345")
    decider(monde, camille, "16.5")
    reponse = president.get(adresse("grille-pdf", camille.pk))
    (texte,) = pages(reponse.content)

    assert reponse["Content-Disposition"].startswith("attachment; filename")
    assert reponse["Cache-Control"] == "private, no-store"
    for attendu in (
        "Lycée A, Essai-sur-Loire",
        "ALPHA-A1 Camille",
        "EP1 · USI · session 2026 · n° 02612345",
        "page 1 / 1",
        "Document de travail, non figé",
        "Baccalauréat professionnel d’essai, option usinage (USI)",
        "EP1 Préparer · unité U1 · coefficient 2",
        "14 mars 2008",
        "C1 Lire un plan",
        "Niveau démontré : 2, Étude de gamme A, 13 mars 2026",
        "75,00 %",
        "20 × 9 / (3 × 4) = 15,00 / 20",
        "arrondie au demi-point supérieur : 15,0 / 20",
        "16,5 / 20",
        "Motif de l’écart avec la note calculée : Progrès constants.",
        "Pondération d’essai.",
        "Parcours régulier.",
        "M. Tour",
        "Le représentant du monde professionnel n’est pas présent ; son absence n’invalide pas",
    ):
        assert attendu in texte, attendu


def test_figee_la_grille_porte_sa_version_et_son_empreinte(monde, president, camille):
    decider(monde, camille)
    version = figer(monde, camille)
    avant = tirage.html(lu(camille), "grilles")
    monde.referentiel.competences.update(intitule="Autre intitulé")
    Eleve.objects.filter(pk=camille.eleve_id).update(nom="CHANGÉ")
    (texte,) = pages(president.get(adresse("grille-pdf", camille.pk)).content)

    assert tirage.html(lu(camille), "grilles") == avant
    assert f"Version 1 figée le 3 juin 2026 à 17 h 04 · empreinte {version.empreinte[:16]}" in texte
    assert "Document de travail" not in texte
    assert "C1 Lire un plan" in texte


def test_une_grille_incomplete_s_imprime_sans_note(president, dominique):
    (texte,) = pages(president.get(adresse("grille-pdf", dominique.pk)).content)
    assert "Épreuve incomplète : aucun niveau pour C2." in texte
    assert "Provisoire, sur les seules compétences évaluées : 7,0 / 20" in texte
    assert "…… / 20" in texte


@pytest.mark.parametrize(
    ("champs", "statut", "texte"),
    [
        ({"situation": "absent_non_justifie"}, "scolaire", "Absent non justifié"),
        ({}, "hors-contrat", "Épreuve ponctuelle (pratique, 4 h)"),
        (
            {"situation": "note_conservee", "note_conservee": "12.5", "session_conservee": 2025},
            "scolaire",
            "12,5 / 20, conservée (session 2025)",
        ),
    ],
)
def test_sans_note_la_situation_s_imprime(monde, president, camille, champs, statut, texte):
    Eleve.objects.filter(pk=camille.eleve_id).update(statut=monde.referentiel.statuts.get(code=statut))
    type(camille).objects.filter(pk=camille.pk).update(**champs)
    (page,) = pages(president.get(adresse("grille-pdf", camille.pk)).content)
    assert texte in page
    assert "Aucune note n’est calculée pour ce candidat." in page
    assert "Note brute" not in page


def test_le_dossier_a_ses_quatre_pieces_dans_l_ordre(monde, president, camille):
    seconde = factories.situation(
        monde.a.classe,
        monde.a.enseignant,
        intitule="Réglage en entreprise",
        lieu="entreprise",
        entreprise="Mécanique du Val",
        tuteur="Mme Lime",
        documents="Gamme d’usinage",
        materiels="Centre d’usinage\n\nBanc de préréglage",
        outils="Pied à coulisse",
        numeriques="Logiciel de F.A.O.",
    )
    factories.evaluation(seconde, camille.eleve, "C1", 1)
    formative = factories.situation(
        monde.a.classe, monde.a.enseignant, intitule="Exercice de seconde", nature="formative"
    )
    factories.evaluation(formative, camille.eleve, "C2", 1)
    feuilles = pages(president.get(adresse("dossier-pdf", camille.pk)).content)
    tout = " ".join(feuilles)

    rangs = [tout.index(piece) for piece in PIECES]
    assert rangs == sorted(rangs)
    titres = [tout.index(f"Pièce {numero}.") for numero in (1, 2, 3, 4)]
    assert titres == sorted(titres)
    assert len(feuilles) == 6
    assert "Fiche 1 sur 2 : Étude de gamme A" in feuilles[3]
    assert "Gamme cohérente" in feuilles[3]
    assert "C1.1 Repérer les surfaces 2 Partiellement maîtrisé" in feuilles[3]
    assert "Fiche 2 sur 2 : Réglage en entreprise" in feuilles[4]
    assert "Mécanique du Val, tuteur : Mme Lime" in feuilles[4]
    inventaire = feuilles[2][feuilles[2].index("1. Étude") :]
    reperes = ["Plan de définition", "2. Réglage", "Documents", "Gamme d’usinage", "Matériels"]
    reperes += ["Centre d’usinage", "Banc de préréglage", "Outils", "Pied à coulisse"]
    reperes += ["Moyens numériques", "Logiciel de F.A.O."]
    lus = [inventaire.index(repere) for repere in reperes]
    assert lus == sorted(lus)
    assert feuilles[1].index("non retenues") < feuilles[1].index("Exercice de seconde, formative")
    assert "Exercice de seconde" not in feuilles[2] + feuilles[3] + feuilles[4] + feuilles[5]
    assert "C1 Lire un plan 2 Partiellement maîtrisé Étude de gamme A, 13 mars 2026" in feuilles[5]
    assert all("ALPHA-A1 Camille" in feuille and "Lycée A" in feuille for feuille in feuilles)
    assert [feuille.rsplit("page ", 1)[1][:5] for feuille in feuilles] == [f"{n} / 6" for n in range(1, 7)]


def test_une_absence_s_imprime_comme_telle(president, dominique):
    feuilles = pages(president.get(adresse("dossier-pdf", dominique.pk)).content)
    assert "C2 Choisir un procédé absent" in feuilles[3]
    assert "C2 Choisir un procédé – non évaluée dans une situation retenue" in feuilles[4]


@pytest.mark.parametrize(("genre", "combien"), [("grilles", 2), ("dossiers", 10)])
def test_un_tirage_reunit_les_candidats_dans_l_ordre(monde, genre, combien):
    feuilles = pages(tirage.pdf(dossiers_lus(monde.a.commission.dossiers.all()), genre))
    assert len(feuilles) == combien
    assert "ALPHA-A1" in feuilles[0]
    assert "ALPHA-A2" in feuilles[-1]


def test_une_commission_vide_n_a_pas_de_classeur(monde, president):
    vide = factories.commission(monde.a.promotion, "EP2")
    assert president.get(adresse("classeur", vide.pk)).status_code == 404


def test_un_seul_ou_plusieurs_processus_impriment_la_meme_chose(monde):
    lus = dossiers_lus(monde.a.commission.dossiers.all())
    assert pages(tirage.pdf(lus, "grilles", processus=1)) == pages(tirage.pdf(lus, "grilles", processus=2))


def test_sans_processus_possible_le_tirage_se_fait_quand_meme(monde, monkeypatch):
    def refuser(*args: object, **kwargs: object) -> None:
        raise PermissionError

    monkeypatch.setattr(lots, "ProcessPoolExecutor", refuser)
    lus = dossiers_lus(monde.a.commission.dossiers.all())
    assert len(pages(tirage.pdf(lus, "grilles", processus=2))) == 2


def test_sans_pango_la_page_le_dit(monde, president, camille, monkeypatch):
    monkeypatch.setattr(documents, "pango_manque", lambda: True)
    for url in (adresse("grille-pdf", camille.pk), adresse("dossier-pdf", camille.pk)):
        reponse = president.get(url)
        assert (reponse.status_code, "Pango" in reponse.content.decode()) == (503, True)


def test_un_texte_saisi_reste_du_texte(monde, president, camille):
    factories.observations(camille, '<img src="file:///etc/passwd"><b>gras</b>')
    (texte,) = pages(president.get(adresse("grille-pdf", camille.pk)).content)
    assert '<img src="file:///etc/passwd"><b>gras</b>' in texte


def test_requetes(monde, president):
    """La classe entière, lue et dessinée."""
    monde.a.dossiers[1].delete()

    def tirer() -> None:
        tirage.pdf(dossiers_lus(monde.a.commission.dossiers.all()), "grilles", processus=1)

    assert requetes(tirer) == 21
    for rang in range(2):
        factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}"))
    assert requetes(tirer) == 21


@pytest.mark.parametrize(("pages", "equipes"), [(7, []), (8, [2]), (80, [3])])
def test_peu_de_pages_se_tirent_sans_autre_processus(monkeypatch, pages, equipes):
    demandees = []

    def noter(nombre: int, **_: object) -> None:
        demandees.append(nombre)
        raise PermissionError

    monkeypatch.setattr(lots, "ProcessPoolExecutor", noter)
    monkeypatch.setattr(lots, "_coeurs", lambda: 3)
    monkeypatch.setattr(documents, "pdf_depuis_textes", lambda page, feuilles: page.encode())
    assert lots.pdfs(["x"] * pages, []) == [b"x"] * pages
    assert demandees == equipes
