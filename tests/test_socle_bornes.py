"""Ce qu’une impression peut coûter : du texte démesuré, trop de temps, une police illisible."""

import gc
import time

import pytest
from django.test import RequestFactory

from trpm.impression import bornes, documents, polices

pytestmark = pytest.mark.imprime
PAGE = '<html lang="fr"><title>Essai</title><body><h1>Essai</h1><p>{}</p></body></html>'


def rendu(html: str) -> str:
    try:
        return documents.pdf_depuis_textes(html)[:4].decode()
    except bornes.DocumentTropLourd as refus:
        return str(refus)


def test_un_mot_demesure_se_coupe() -> None:
    html = bornes.bornee(f'<style>{"a" * 200}</style><p title="{"b" * 200}">{"c" * 200} {"&amp;" * 81}</p>')
    assert f'<style>{"a" * 200}</style><p title="{"b" * 200}">' in html
    assert html.endswith(f"{'c' * 80}\u200b{'c' * 80}\u200b{'c' * 40} {'&amp;' * 80}\u200b&amp;</p>")
    assert bornes.bornee(PAGE.format("Un texte ordinaire")) == PAGE.format("Un texte ordinaire")


def test_trop_de_texte_se_refuse_avant_la_mise_en_page() -> None:
    with pytest.raises(bornes.DocumentTropLourd, match="plus que les 1000000"):
        documents.pdf_depuis_textes(PAGE.format("mot " * 250_001))


@pytest.mark.parametrize(
    "hostile",
    ["a" * 200_000, "👍🏽" * 50_000, f"<table>{'<tr><td>x</td><td>y</td></tr>' * 20_000}</table>"],
    ids=["mot", "emojis", "tableau"],
)
def test_un_texte_hostile_rend_la_main(monkeypatch: pytest.MonkeyPatch, hostile: str) -> None:
    """Imprimé ou refusé avec une phrase, à temps (le délai est écourté ici)."""
    monkeypatch.setattr(bornes.en_temps_compte.__wrapped__, "__defaults__", (3,))
    debut = time.monotonic()
    assert rendu(PAGE.format(hostile)).startswith(("%PDF", "La mise en page de ce document a été arrêtée"))
    assert time.monotonic() - debut < 3 + 5
    assert bornes.SECONDES + 5 <= 30
    assert documents.pdf_depuis_textes(PAGE.format("Le suivant")).startswith(b"%PDF")


def test_un_document_trop_lourd_est_une_page(rf: RequestFactory) -> None:
    garde = documents.PangoAbsentMiddleware(lambda request: None)
    reponse = garde.process_exception(rf.get("/"), bornes.DocumentTropLourd("Raccourcissez ce texte."))
    assert reponse.status_code == 422
    assert "Raccourcissez ce texte." in reponse.content.decode()


def test_une_police_illisible_leve(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    fausse = tmp_path / "fausse.ttf"
    fausse.write_bytes(b"rien d'une police")
    polices.police.cache_clear()
    monkeypatch.setattr(polices, "fichiers", lambda: dict.fromkeys(("droit", "italique", "secours"), fausse))
    with pytest.raises(polices.PoliceRefusee, match="« droit » ne se lit pas"):
        documents.pdf_depuis_textes(PAGE.format("mot"))
    polices.police.cache_clear()


@pytest.mark.parametrize("avant", [True, False])
def test_le_ramasse_miettes_reprend_comme_avant(avant: bool) -> None:
    """Même quand la mise en page échoue, et quand il était déjà arrêté."""
    gc.enable() if avant else gc.disable()
    try:
        with pytest.raises(ZeroDivisionError), bornes.sans_ramassage():  # noqa: PT012
            assert not gc.isenabled()
            raise ZeroDivisionError
        assert gc.isenabled() is avant
    finally:
        gc.enable()
