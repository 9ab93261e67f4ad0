"""Le livret d’un très grand référentiel, mis en page par morceaux : un seul document, complet."""

import json
import re
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from livret.eleve.documents import livret_pdf
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import Referentiel
from tests import factories
from tests.certification.document.test_pdf_conformes import fautes
from tests.diplomes import avec_voies, diplome
from trpm.impression import bornes, documents, morceaux
from trpm.permissions import Role

pytestmark = pytest.mark.imprime
COMPETENCES = 625
PAR_EPREUVE = 125


@pytest.fixture
def long_livret(db, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, list[str]]:
    """Le livret, et les morceaux qui l’ont fait ; sans évaluation, la page est courte et le test rapide."""
    epreuves: dict[str, dict[str, float | None]] = {}
    for rang in range(COMPETENCES):
        epreuves.setdefault(f"EP{rang // PAR_EPREUVE + 1}", {})[f"C{rang + 1}"] = 1
    importer(lire_texte(json.dumps(diplome("LONG", epreuves, **avec_voies()))))
    lycee = factories.etablissement("Lycée long")
    auteur = factories.utilisateur(Role.ENSEIGNANT, etablissement=lycee)
    referentiel = Referentiel.objects.get(code="LONG")
    classe = factories.classe(factories.promotion(lycee, referentiel, "SANS"), [auteur])
    tires: list[str] = []
    un = documents.pdf_depuis_textes
    monkeypatch.setattr(documents, "pdf_depuis_textes", lambda page, f: tires.append(page) or un(page, f))
    monkeypatch.setattr(morceaux, "TAILLE", 150_000)
    monkeypatch.setattr(bornes.en_temps_compte.__wrapped__, "__defaults__", (600,))  # une machine occupée
    return livret_pdf(auteur, factories.eleve(classe, "LONGUET", statut=None)), tires


def plan(lecteur: PdfReader, branche: list, profondeur: int = 1) -> list[tuple[int, str, int]]:
    lignes = []
    for un in branche:
        if isinstance(un, list):
            lignes += plan(lecteur, un, profondeur + 1)
        else:
            lignes.append((profondeur, un.title, lecteur.get_destination_page_number(un)))
    return lignes


@pytest.mark.long
def test_un_livret_de_625_competences_s_imprime(long_livret: tuple[bytes, list[str]], tmp_path: Path) -> None:
    contenu, tires = long_livret
    assert len(tires) > 3
    lecteur = PdfReader(BytesIO(contenu))
    textes = [page.extract_text() for page in lecteur.pages]
    total = len(textes)
    assert [re.findall(r"page (\d+) / (\d+)", une) for une in textes] == [
        [(str(rang), str(total))] for rang in range(1, total + 1)
    ]
    assert all("Livret de suivi des compétences, édité le" in une for une in textes)
    attendues = [f"C{rang}" for rang in range(1, COMPETENCES + 1)]
    assert re.findall(r"Tenir (C\d+)", "\n".join(textes)) == attendues
    assert fautes(contenu, "ua1") == []
    (tmp_path / "long.pdf").write_bytes(contenu)
    commande = ["pdftotext", "-layout", str(tmp_path / "long.pdf"), "-"]
    assert (
        re.findall(r"Tenir (C\d+)", subprocess.run(commande, capture_output=True, text=True).stdout)
        == attendues
    )
    _son_plan_est_celui_de_ses_titres(lecteur)
    _les_entetes_ne_se_confondent_pas(lecteur)


def _son_plan_est_celui_de_ses_titres(lecteur: PdfReader) -> None:
    lignes = plan(lecteur, lecteur.outline)
    assert [(profondeur, titre) for profondeur, titre, _ in lignes] == [
        (1, "Alix LONGUET"),
        (2, "Trois regards"),
        (2, "Compétences"),
        *((3, f"EP{rang} Épreuve EP{rang}") for rang in range(1, 6)),
        (2, "Situations"),
    ]
    for _, titre, page in lignes:
        assert titre.replace(" ", "") in lecteur.pages[page].extract_text().replace(" ", "").replace("\n", "")
    assert lecteur.metadata is not None
    assert lecteur.metadata.title == "Livret de compétences de LONGUET Alix"
    assert lecteur.root_object["/Lang"] == "fr"


def _les_entetes_ne_se_confondent_pas(lecteur: PdfReader) -> None:
    """Chaque morceau numérote les siens : réunis, aucun identifiant ne revient deux fois."""
    elements = [lecteur.get_object(rang) for rang in range(1, int(lecteur.trailer["/Size"]))]
    reperes = [
        une["/ID"]
        for une in elements
        if isinstance(une, dict) and une.get("/Type") == "/StructElem" and "/ID" in une
    ]
    assert len(reperes) > COMPETENCES
    assert len(set(reperes)) == len(reperes)


def test_un_document_trop_long_s_arrete(monkeypatch: pytest.MonkeyPatch) -> None:
    bornes.poursuivre(bornes.SECONDES_EN_TOUT)
    with pytest.raises(bornes.DocumentTropLourd, match="trop long pour être imprimé d’un coup"):
        bornes.poursuivre(bornes.SECONDES_EN_TOUT + 1)
