"""Les documents gardés en mémoire : tirés une fois, jamais périmés, oubliés à temps."""

import pytest

from trpm.impression import documents, lots, memoire

PAGE = '<html lang="fr"><title>Grille</title><p>{}</p></html>'


@pytest.fixture
def tirages(monkeypatch):
    """Ce qui passe par la mise en page."""
    pages = []
    un = documents.pdf_depuis_textes
    monkeypatch.setattr(
        documents, "pdf_depuis_textes", lambda page, feuilles: pages.append(page) or un(page, feuilles)
    )
    return pages


@pytest.fixture
def heure(monkeypatch):
    maintenant = [1000.0]
    monkeypatch.setattr(memoire.time, "monotonic", lambda: maintenant[0])
    monkeypatch.setattr(memoire, "_veiller", lambda: None)
    return maintenant


def pages(*mots):
    return [PAGE.format(mot) for mot in mots]


def test_ce_qui_na_pas_change_nest_pas_tire_deux_fois(tirages):
    premiers = lots.pdfs(pages("a", "b", "c"), [])
    assert tirages == pages("a", "b", "c")
    assert lots.pdfs(pages("a", "B", "c"), [])[::2] == premiers[::2]
    assert tirages[3:] == pages("B"), "la page changée, seule, est retirée"


def test_dautres_feuilles_de_style_font_un_autre_document(tirages):
    lots.pdfs(pages("a"), [])
    lots.pdfs(pages("a"), ["css/niveaux.css"])
    assert len(tirages) == 2


def test_la_reunion_aussi_est_gardee(monkeypatch):
    reunions = []
    monkeypatch.setattr(lots, "pdf_reunis", lambda tires, **_: reunions.append(tires) or b"ensemble")
    for titre, recto_verso in (("Lot", False), ("Lot", False), ("Lot", True), ("Autre", True)):
        assert lots.en_un([b"1", b"2"], titre, recto_verso=recto_verso) == b"ensemble"
    assert len(reunions) == 3
    lots.en_un([b"12", b""], "Autre", recto_verso=True)
    assert len(reunions) == 4, "les mêmes octets, découpés autrement"


def test_un_document_soublie_a_son_terme(heure):
    memoire.garder(b"cle", b"document")
    heure[0] += memoire.DUREE - 1
    assert memoire.lire(b"cle") == b"document"
    heure[0] += 1
    assert memoire.lire(b"cle") is None


def test_il_soublie_meme_si_plus_rien_nest_demande(monkeypatch):
    monkeypatch.setattr(memoire, "DUREE", 0.05)
    monkeypatch.setattr(memoire, "_veille", None)
    memoire.garder(b"cle", b"document")
    veille = memoire._veille
    assert veille is not None
    veille.join(10)
    assert not memoire._documents


def test_le_poids_est_borne_et_le_plus_ancien_sort(monkeypatch, heure):
    monkeypatch.setattr(memoire, "POIDS", 10)
    for cle in (b"1", b"2", b"3"):
        memoire.garder(cle, b"xxxx")
    assert [memoire.lire(cle) is None for cle in (b"1", b"2", b"3")] == [True, False, False]
    assert memoire.garder(b"4", b"x" * 11) == b"x" * 11, "trop gros pour être gardé, il est rendu"
    assert memoire.lire(b"4") is None
    assert memoire.lire(b"3") == b"xxxx"
