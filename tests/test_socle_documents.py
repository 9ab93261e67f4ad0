"""Sorties : ce que le contenu d’un document ne peut pas faire, et la forme de ce qui est remis."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from openpyxl import load_workbook
from pypdf import PdfReader

from trpm import urls
from trpm.acces import public
from trpm.impression import documents
from trpm.impression.assemblage import pdf_reunis

avec_pango = pytest.mark.skipif(
    documents.pango_manque(), reason=f"Pango est introuvable : {documents.PANGO_A_INSTALLER}"
)

SECRET = "CONFIDENTIEL"
IMAGE = f'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="30"><text y="20">{SECRET}</text></svg>'
FEUILLE = f'p::after {{ content: "{SECRET}" }}'


@pytest.fixture
def serveur() -> Iterator[ThreadingHTTPServer]:
    """Un serveur qui note chaque adresse demandée et répond l’image ou la feuille secrète."""

    class Reponse(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.demandes.append(self.path)
            css = self.path.endswith(".css")
            corps = (FEUILLE if css else IMAGE).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if css else "image/svg+xml")
            self.send_header("Content-Length", str(len(corps)))
            self.end_headers()
            self.wfile.write(corps)

        def log_message(self, *arguments: object) -> None:
            pass

    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Reponse)
    serveur.demandes = []
    fil = Thread(target=serveur.serve_forever)
    fil.start()
    yield serveur
    serveur.shutdown()
    fil.join()
    serveur.server_close()


@pytest.fixture
def racines(tmp_path: Path, serveur: ThreadingHTTPServer) -> list[str]:
    """Les deux endroits que le contenu voudrait lire : un dossier de la machine, un serveur."""
    (tmp_path / "image.svg").write_text(IMAGE)
    (tmp_path / "feuille.css").write_text(FEUILLE)
    return [tmp_path.as_uri(), f"http://127.0.0.1:{serveur.server_port}"]


DEMANDES = {
    "image": '<p>visible</p><img alt="" src="{racine}/image.svg">',
    "objet": '<p>visible</p><object data="{racine}/image.svg"></object>',
    "image SVG": '<p>visible</p><svg width="300" height="30"><image href="{racine}/image.svg"/></svg>',
    "feuille liée": '<link rel="stylesheet" href="{racine}/feuille.css"><p>visible</p>',
    "feuille importée": "<style>@import url({racine}/feuille.css);</style><p>visible</p>",
    "contenu de style": "<style>p::after {{ content: url({racine}/image.svg) }}</style><p>visible</p>",
    "adresse de base": '<base href="{racine}/"><p>visible</p><img alt="" src="image.svg">',
}


def texte(contenu: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(contenu)).pages)


@avec_pango
@pytest.mark.parametrize("demande", DEMANDES.values(), ids=DEMANDES)
def test_le_contenu_ne_lit_ni_fichier_ni_reseau(demande, racines, serveur):
    for racine in racines:
        page = f'<html lang="fr"><title>Essai</title>{demande.format(racine=racine)}</html>'

        assert texte(documents.pdf_depuis_html(page)) == "visible"
        assert serveur.demandes == []

        sans_protection = texte(documents.weasyprint.HTML(string=page).write_pdf())
        assert SECRET in sans_protection, "le secret aurait pu sortir"
        serveur.demandes.clear()


@avec_pango
def test_un_fichier_nest_pas_joint(racines):
    page = f'<link rel="attachment" href="{racines[0]}/image.svg"><p>visible</p>'

    assert PdfReader(BytesIO(documents.pdf_depuis_html(page))).attachments == {}


@avec_pango
def test_pdf_accessible():
    lu = PdfReader(BytesIO(documents.pdf_depuis_html('<html lang="fr"><title>Grille</title><p>É</p></html>')))

    assert lu.metadata.title == "Grille"
    assert lu.trailer["/Root"]["/Lang"] == "fr"
    assert lu.trailer["/Root"]["/MarkInfo"]["/Marked"]


@avec_pango
def test_feuille_de_style_du_projet(tmp_path, settings):
    (tmp_path / "page.css").write_text("@page { size: A5 landscape }")
    settings.STATICFILES_DIRS = [tmp_path]
    documents.finders.get_finder.cache_clear()

    page = PdfReader(BytesIO(documents.pdf_depuis_html("<p>A5</p>", styles=["page.css"]))).pages[0]

    documents.finders.get_finder.cache_clear()
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 420)


def test_feuille_de_style_inconnue():
    with pytest.raises(FileNotFoundError, match="absente.css"):
        documents.feuille_de_style("absente.css")


@avec_pango
def test_pdf_reunis_dans_lordre():
    pieces = [documents.pdf_depuis_html(f"<title>{n}</title><p>pièce {n}</p>") for n in "BAC"]

    ensemble = pdf_reunis(pieces, titre="Dossiers")

    assert texte(ensemble).split("\n") == ["pièce B", "pièce A", "pièce C"]
    assert PdfReader(BytesIO(ensemble)).metadata.title == "Dossiers"


def test_sans_pango(monkeypatch):
    monkeypatch.setattr(documents, "pango_manque", lambda: True)

    [avertissement] = documents.verifier_pango(None)
    assert "Pango est introuvable" in avertissement.msg
    with pytest.raises(documents.PangoAbsent, match="apt-get install libpango-1.0-0"):
        documents.pdf_depuis_html("<p>Essai</p>")


def test_sans_pango_lapplication_demarre_et_le_dit(tmp_path, settings):
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")

    demarrage = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "CRITICAL"],
        env={**os.environ, "DEBUG": "1", "PYTHONPATH": str(tmp_path)},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )

    assert demarrage.returncode == 0
    assert "(trpm.W001) Pango est introuvable" in demarrage.stderr


@public
def un_pdf(request: HttpRequest) -> HttpResponse:
    return documents.telechargement(documents.pdf_depuis_html("<p>Essai</p>"), "essai.pdf")


@public
def une_erreur(request: HttpRequest) -> HttpResponse:
    raise ValueError("autre chose")


urlpatterns = [path("essai-pdf/", un_pdf), path("essai-erreur/", une_erreur), *urls.urlpatterns]


@pytest.mark.urls(__name__)
def test_sans_pango_la_page_dit_quoi_installer(client, monkeypatch):
    monkeypatch.setattr(documents, "pango_manque", lambda: True)

    reponse = client.get("/essai-pdf/")

    assert reponse.status_code == 503
    assert "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in reponse.text
    with pytest.raises(ValueError, match="autre chose"):
        client.get("/essai-erreur/")


@avec_pango
@pytest.mark.urls(__name__)
def test_avec_pango_le_pdf_est_remis(client):
    assert client.get("/essai-pdf/").content.startswith(b"%PDF-1.7")


@pytest.mark.parametrize("saisie", ["=1+1", "+33 1", "-12", "@SOMME(A1)", " =1+1", "#N/A", '=HYPERLINK("x")'])
def test_un_texte_saisi_reste_un_texte(saisie):
    page = load_workbook(
        BytesIO(documents.classeur([documents.Feuille("Classe", [["Nom"], [saisie]])]))
    ).active

    assert (page["A2"].value, page["A2"].data_type) == (saisie, "s")
    assert page["A2"].quotePrefix == (saisie != "#N/A")


def test_classeur():
    feuille = documents.Feuille(
        "Notes : E31/E32",
        [
            ["Élève", "Note", "Le"],
            ["Zoé", Decimal("12.5"), date(2026, 3, 12)],
            ["Total", documents.Formule("=B2", 12.5), None],
        ],
        largeurs=[30],
    )

    page = load_workbook(BytesIO(documents.classeur([feuille]))).active

    assert page.title == "Notes   E31 E32"
    assert page["B2"].value == 12.5
    assert page["C2"].value.date() == date(2026, 3, 12)
    assert (page["B3"].value, page["B3"].data_type) == ("=B2", "f")
    assert (page["A1"].font.bold, page["A2"].font.bold) == (True, False)
    assert page.freeze_panes == "A2"
    assert page.column_dimensions["A"].width == 30


@pytest.mark.parametrize(
    ("titre", "admis"),
    [
        ("2de [TRPM]: A/B\\C*?", "2de  TRPM   A B C"),
        ("'Terminale'", "Terminale"),
        ("", "Feuille"),
        ("''", "Feuille"),
        ("É" * 40, "É" * 31),
        ("A" * 30 + "' suite", "A" * 30),
        ("😀" * 20, "😀" * 15),
        ("Historique", "Historique_"),
        ("a\x00\ufffeb\nc", "ab c"),
    ],
)
def test_un_titre_de_feuille_est_admis_par_tout_tableur(titre: str, admis: str) -> None:
    assert documents.titre_de_feuille(titre) == admis


def test_deux_feuilles_n_ont_jamais_le_meme_titre() -> None:
    """Ni à la casse près, ni parce qu'on les a coupées au même endroit."""
    longs = ["A" * 40, "a" * 35, "Notes", "NOTES"]
    octets = documents.classeur(documents.Feuille(titre, [["x"]]) for titre in longs)
    assert load_workbook(BytesIO(octets)).sheetnames == ["A" * 31, "a" * 27 + " (2)", "Notes", "NOTES (2)"]


def test_un_classeur_s_imprime_large_d_une_page_sous_ses_titres() -> None:
    page = load_workbook(BytesIO(documents.classeur([documents.Feuille("A", [["Nom"], ["Zoé"]])]))).active
    assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("landscape", 0)
    assert (page.sheet_properties.pageSetUpPr.fitToPage, page.print_title_rows) == (True, "$1:$1")


def test_un_caractere_interdit_ne_casse_pas_le_classeur():
    page = load_workbook(BytesIO(documents.classeur([documents.Feuille("A", [["a\x00b"]])]))).active

    assert page["A1"].value == "ab"


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [
        ("Dossier Zoé.pdf", "attachment; filename*=utf-8''Dossier%20Zo%C3%A9.pdf"),
        ("grille.pdf", 'attachment; filename="grille.pdf"'),
        ("../../etc\r\nX: 1.pdf", 'attachment; filename="etc-X- 1.pdf"'),
        ("///", 'attachment; filename="document"'),
    ],
)
def test_telechargement(nom, attendu):
    reponse = documents.telechargement(b"contenu", nom)

    assert reponse["Content-Disposition"] == attendu
    assert reponse["Content-Type"] == "application/pdf"
    assert reponse["Cache-Control"] == "private, no-store"
    assert reponse["X-Content-Type-Options"] == "nosniff"
    assert reponse.content == b"contenu"
