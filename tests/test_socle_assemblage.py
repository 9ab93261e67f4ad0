"""Des PDF réunis : leur plan, et la page blanche du recto verso."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.certification.document.test_pdf_conformes import fautes
from trpm.impression import documents
from trpm.impression.assemblage import pdf_reunis

pytestmark = pytest.mark.skipif(
    documents.pango_manque(), reason=f"Pango est introuvable : {documents.PANGO_A_INSTALLER}"
)


def piece(titre: str, pages: int = 1) -> bytes:
    suite = "".join(f"<p style='break-before: page'>{titre} {rang}</p>" for rang in range(2, pages + 1))
    return documents.pdf_depuis_html(f'<html lang="fr"><title>{titre}</title><p>{titre} 1</p>{suite}')


REUNIR = """
import sys
from pathlib import Path
from trpm.impression.assemblage import Assemblage

def pris():
    lignes = Path("/proc/self/status").read_text().splitlines()
    return next(int(ligne.split()[1]) for ligne in lignes if ligne.startswith("VmHWM"))

document, retenus = Path(sys.argv[1]).read_bytes(), []
ensemble = Assemblage()
ensemble.ajouter(document)
avant = pris()
for _ in range(40):
    source = ensemble.ajouter(document)
    if sys.argv[2] == "retenus":
        retenus.append(source)
print(pris() - avant)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="la mémoire prise se lit dans /proc")
def test_un_document_reuni_n_est_pas_retenu(tmp_path: Path) -> None:
    """Trois cents dossiers ne tiennent en mémoire qu'une fois."""
    lignes = "".join(f"<tr><th>{rang}</th><td>un</td><td>deux</td></tr>" for rang in range(300))
    fichier = tmp_path / "document.pdf"
    fichier.write_bytes(documents.pdf_depuis_html(f'<html lang="fr"><title>T</title><table>{lignes}</table>'))

    def pris(mode: str) -> int:
        commande = [sys.executable, "-c", REUNIR, str(fichier), mode]
        return int(subprocess.run(commande, check=True, capture_output=True, text=True).stdout)

    assert pris("rendus") < 0.7 * pris("retenus")


def plan(lecteur: PdfReader, branche: list | None = None) -> list:
    """Titres et numéros de page, une liste par branche."""
    return [
        plan(lecteur, un) if isinstance(un, list) else (un.title, lecteur.get_destination_page_number(un) + 1)
        for un in (lecteur.outline if branche is None else branche)
    ]


def test_chaque_document_a_son_signet() -> None:
    lu = PdfReader(BytesIO(pdf_reunis([piece("Grille", 2), piece("Dossier")])))
    assert plan(lu) == [("Grille", 1), ("Dossier", 3)]


def test_les_signets_se_rangent_par_candidat() -> None:
    signets = [("ALPHA Lou", "Grille"), ("ALPHA Lou", "Dossier"), ("BETA Max", "Grille"), ("Procès-verbal",)]
    lu = PdfReader(BytesIO(pdf_reunis([piece(f"P{rang}") for rang in range(4)], signets=signets)))
    assert plan(lu) == [
        ("ALPHA Lou", 1),
        [("Grille", 1), ("Dossier", 2)],
        ("BETA Max", 3),
        [("Grille", 3)],
        ("Procès-verbal", 4),
    ]


def test_en_recto_verso_chaque_document_commence_une_feuille() -> None:
    pieces = [piece("A"), piece("B", 2), piece("C", 3), piece("D")]
    reunis = pdf_reunis(pieces, titre="Lot", recto_verso=True)
    lu = PdfReader(BytesIO(reunis))
    textes = [page.extract_text() for page in lu.pages]
    assert textes == ["A 1", "", "B 1", "B 2", "C 1", "C 2", "C 3", "", "D 1"]
    assert plan(lu) == [("A", 1), ("B", 3), ("C", 5), ("D", 9)]
    assert {round(page.mediabox.height) for page in lu.pages} == {842}
    assert fautes(reunis, "ua1") == []


def test_sans_le_demander_rien_ne_s_ajoute() -> None:
    assert len(PdfReader(BytesIO(pdf_reunis([piece("A"), piece("B")]))).pages) == 2
