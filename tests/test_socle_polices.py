"""Les polices des documents : les mêmes quelles que soient celles de la machine, et rien qu’elles."""

import time
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from trpm.impression import documents, polices

pytestmark = pytest.mark.skipif(
    documents.pango_manque(), reason=f"Pango est introuvable : {documents.PANGO_A_INSTALLER}"
)


@pytest.mark.parametrize(
    ("texte", "imprime"),
    [
        ("Œuvre, Ra 3,2 µm ± 0,05 ≤ 12° × 2 → ✓ ☐ 20 % ½", "Œuvre, Ra 3,2 µm ± 0,05 ≤ 12° × 2 → ✓ ☐ 20 % ½"),
        ("⌀ 12 H7, ⏥ 0,02, ⟂ 0,1", "Ø 12 H7, planéité 0,02, perpendicularité 0,1"),
        ("Bon travail 👍🏽 continue", "Bon travail □ continue"),
        ("modi\ufffefication", "modification"),
        ("Ele\u0301onore", "Eléonore"),
        ("20 ℃, 3 ㎜, 𝗕𝗿𝗮𝘃𝗼, ①", "20 °C, 3 mm, Bravo, 1"),
        ("مُحَمَّد Ωμέγα Жан", "مُحَمَّد Ωμέγα Жан"),
        ("王\u200d小\ufe0f明", "□□□"),
        ("a\u0007b\ud800c\n\td", "abc\n\td"),
    ],
)
def test_ce_qui_ne_se_dessine_pas_est_remplace(texte: str, imprime: str) -> None:
    assert polices.imprimable(texte) == imprime


def test_tout_ce_qui_est_mis_a_la_place_se_dessine() -> None:
    mis = "".join(polices.SIGNES.values()) + polices.CARRE
    assert polices.imprimable(mis) == mis


def test_les_chiffres_ont_la_meme_chasse() -> None:
    for role in ("droit", "italique"):
        with TTFont(polices.fichiers()[role]) as police:
            table = police.getBestCmap()
            assert len({police["hmtx"][table[ord(chiffre)]][0] for chiffre in "0123456789"}) == 1


def test_chaque_graisse_est_fixee_une_fois_et_garde_tous_ses_signes() -> None:
    """Une police restée variable serait réduite à chaque document."""
    for adresse, (*_, role, graisse) in polices.FACES.items():
        if role not in polices.fichiers():
            continue  # les signes des niveaux : fabriqués ici, jamais variables
        with TTFont(polices.fichiers()[role]) as entiere, TTFont(BytesIO(polices.police(adresse))) as fixee:
            assert "fvar" not in fixee
            assert fixee["OS/2"].usWeightClass == graisse
            assert fixee.getBestCmap().keys() == entiere.getBestCmap().keys()


def test_le_contenu_ne_nomme_pas_de_police(tmp_path: Path) -> None:
    """Une police demandée par le contenu n’est pas lue, même l’une des nôtres."""
    voulue = polices.fichiers()["secours"].as_uri()
    page = (
        f'<style>@font-face {{ font-family: Autre; src: url("{voulue}") }} p {{ font-family: Autre }}</style>'
    )
    lu = PdfReader(BytesIO(documents.pdf_depuis_html(f'<html lang="fr"><title>É</title>{page}<p>É</p>')))
    assert "Autre" not in str([police["/BaseFont"] for police in _polices(lu)])


def _polices(lu: PdfReader) -> list:
    return [police.get_object() for page in lu.pages for police in page["/Resources"]["/Font"].values()]


def test_un_meme_document_a_les_memes_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    page = '<html lang="fr"><title>É</title><p>Un <b>mot</b></p></html>'
    premier = documents.pdf_depuis_html(page)
    demain = time.time() + 86400
    monkeypatch.setattr(time, "time", lambda: demain)
    assert documents.pdf_depuis_html(page) == premier
