"""Les disques et les signes imprimés en lettres : vus, jamais dits."""

from io import BytesIO

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from livret.progression.attendu import Position
from livret.progression.dessin import niveau_dessine, position_dessinee
from referentiel.echange.ossature import SYMBOLES
from referentiel.models import Niveau
from tests.certification.document.test_pdf_conformes import fautes
from trpm.impression import balises, documents, signes

pytestmark = pytest.mark.imprime
PAGE = '<html lang="fr"><head><title>Essai</title></head><body><p>{}</p></body></html>'
STYLES = ["css/niveaux.css", "css/documents.css"]


def texte(contenu: bytes) -> str:
    """La première ligne ; d’un signe, il n’y reste qu’un blanc."""
    return PdfReader(BytesIO(contenu)).pages[0].extract_text().splitlines()[0].strip()


def test_tout_symbole_et_toute_position_ont_leur_lettre() -> None:
    assert set(signes.DISQUES) == set(SYMBOLES)
    assert set(signes.POSITIONS) == {ou.code for ou in Position}
    assert set(TTFont(BytesIO(signes.police())).getBestCmap()) == set(signes.CODES.values())


@pytest.mark.parametrize("symbole", signes.DISQUES)
def test_un_disque_est_une_lettre_qui_ne_se_dit_pas(symbole: str) -> None:
    dessin = niveau_dessine(Niveau(code="3", libelle="Maîtrisé", symbole=symbole), long=True)
    ecrit = signes.en_lettres(str(dessin))
    assert "<svg" not in ecrit
    assert f'<i class="disque">{chr(signes.CODES[symbole])}</i>' in ecrit
    contenu = documents.pdf_depuis_html(PAGE.format(dessin), styles=STYLES)
    assert texte(contenu) == "3 Maîtrisé"
    assert fautes(contenu, "ua1") == []


@pytest.mark.parametrize("ou", Position)
def test_une_position_aussi(ou: Position) -> None:
    contenu = documents.pdf_depuis_html(PAGE.format(position_dessinee(ou)), styles=STYLES)
    assert texte(contenu) == ou.value
    assert fautes(contenu, "ua1") == []


def test_un_texte_saisi_n_en_porte_pas() -> None:
    """Un signe de la zone privée devient un carré, comme tout ce qu’aucune police ne dessine."""
    contenu = documents.pdf_depuis_html(PAGE.format(f"a{chr(signes.PREMIER)}b"))
    assert texte(contenu) == "a□b"


def test_un_dessin_sans_texte_devient_un_artefact(monkeypatch: pytest.MonkeyPatch) -> None:
    dessin = '<svg width="9" height="9" viewBox="0 0 9 9"><path d="M0 0H9V9Z"/></svg> Mot <svg width="9"/>'
    assert fautes(documents.pdf_depuis_html(PAGE.format(dessin)), "ua1") == []
    monkeypatch.setattr(balises, "finir", lambda pdf, **suite: None)
    regles = {regle for regle, _ in fautes(documents.pdf_depuis_html(PAGE.format(dessin)), "ua1")}
    assert "PDFUA1-FIGURE-ALTERNATIVE-TEXT-001" in regles
