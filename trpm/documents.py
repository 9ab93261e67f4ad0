"""Couche la plus basse des sorties : HTML → PDF, lignes → classeur, octets → réponse à télécharger.

WeasyPrint ne lit ici ni fichier ni réseau pour le compte du contenu : les feuilles de style sont
lues par nous, parmi les fichiers statiques du projet, et toute autre adresse est refusée.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from pypdf import PdfReader, PdfWriter

try:
    import weasyprint
except OSError:  # WeasyPrint cherche Pango dès l’import.
    weasyprint = None

PANGO_A_INSTALLER = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
TYPE_PDF = "application/pdf"
TYPE_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# --- Pango ------------------------------------------------------------------------------------


class PangoAbsent(Exception):
    """La bibliothèque Pango, dont WeasyPrint a besoin, n’est pas installée sur le serveur."""

    def __init__(self) -> None:
        super().__init__(
            "Pango est introuvable : les documents PDF ne peuvent pas être produits. "
            f"Sous Debian ou Ubuntu : apt-get install {PANGO_A_INSTALLER}"
        )


def verifier_pango(app_configs: object, **options: object) -> list[checks.CheckMessage]:
    if weasyprint is not None:
        return []
    return [checks.Warning(str(PangoAbsent()), id="trpm.W001")]


class PangoAbsentMiddleware:
    """Répond 503, en français, à la demande d’un PDF quand Pango manque."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, PangoAbsent):
            return None
        return render(request, "documents/pango_absent.html", {"paquets": PANGO_A_INSTALLER}, status=503)


# --- PDF --------------------------------------------------------------------------------------


def feuille_de_style(chemin: str) -> str:
    """Texte d’une feuille de style du projet, désignée comme dans `{% static %}`."""
    trouve = finders.find(chemin)
    if not trouve:
        raise FileNotFoundError(f"Feuille de style introuvable : {chemin}")
    return Path(trouve).read_text(encoding="utf-8")


def pdf_depuis_html(html: str, *, styles: Sequence[str] = ()) -> bytes:
    """PDF balisé (PDF/UA-1) ; `styles` nomme des feuilles de style statiques."""
    return pdf_depuis_textes(html, [feuille_de_style(chemin) for chemin in styles])


def pdf_depuis_textes(html: str, feuilles: Sequence[str] = ()) -> bytes:
    """Le même, du texte au PDF : sans réglage ni base, donc aussi dans un processus à part."""
    if weasyprint is None:
        raise PangoAbsent
    aucun_acces = weasyprint.urls.URLFetcher(allowed_protocols=())
    css = [weasyprint.CSS(string=feuille, url_fetcher=aucun_acces) for feuille in feuilles]
    document = weasyprint.HTML(string=html, url_fetcher=aucun_acces)
    return document.write_pdf(stylesheets=css, pdf_variant="pdf/ua-1")


def pdf(
    template: str,
    context: dict[str, object] | None = None,
    *,
    styles: Sequence[str] = (),
    request: HttpRequest | None = None,
) -> bytes:
    """PDF d’un gabarit, qui porte lui-même `lang`, `<title>` et ses règles `@page`."""
    return pdf_depuis_html(render_to_string(template, context, request), styles=styles)


def pdf_reunis(documents: Iterable[bytes], *, titre: str = "") -> bytes:
    """Un seul fichier, dans l’ordre reçu, par exemple les dossiers d’une classe."""
    ensemble = PdfWriter()
    for document in documents:
        ensemble.append(PdfReader(BytesIO(document)), import_outline=False)
    ensemble.add_metadata({"/Title": titre, "/Producer": "WeasyPrint, pypdf"})
    ensemble.compress_identical_objects()
    sortie = BytesIO()
    ensemble.write(sortie)
    return sortie.getvalue()


# --- Classeurs --------------------------------------------------------------------------------


class Formule(str):
    """Texte écrit comme formule ; tout autre texte reste du texte, même s’il commence par « = »."""


Valeur = str | int | Decimal | date | None


@dataclass(frozen=True)
class Feuille:
    titre: str
    lignes: Sequence[Sequence[Valeur]]
    largeurs: Sequence[float] = ()
    entetes: int = 1


def poser(cellule: Cell, valeur: Valeur) -> None:
    """Écrit une valeur sans qu’un texte saisi puisse devenir une formule."""
    if isinstance(valeur, Formule) or not isinstance(valeur, str):
        cellule.value = valeur
        return
    cellule.value = ILLEGAL_CHARACTERS_RE.sub("", valeur)
    cellule.data_type = "s"
    cellule.quotePrefix = valeur.lstrip().startswith(("=", "+", "-", "@"))


def octets(classeur_openpyxl: Workbook) -> bytes:
    sortie = BytesIO()
    classeur_openpyxl.save(sortie)
    return sortie.getvalue()


def classeur(feuilles: Iterable[Feuille]) -> bytes:
    """Classeur xlsx : en-têtes en gras, figés, et colonnes aux largeurs demandées."""
    resultat = Workbook()
    del resultat[resultat.sheetnames[0]]
    for feuille in feuilles:
        page = resultat.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", feuille.titre)[:31])
        for numero, ligne in enumerate(feuille.lignes, start=1):
            for colonne, valeur in enumerate(ligne, start=1):
                cellule = page.cell(numero, colonne)
                poser(cellule, valeur)
                if numero <= feuille.entetes:
                    cellule.font = Font(bold=True)
                    cellule.alignment = Alignment(wrap_text=True, vertical="top")
        for colonne, largeur in enumerate(feuille.largeurs, start=1):
            page.column_dimensions[get_column_letter(colonne)].width = largeur
        if feuille.entetes:
            page.freeze_panes = page.cell(feuille.entetes + 1, 1)
    return octets(resultat)


# --- Réponse ----------------------------------------------------------------------------------


def nom_de_fichier(nom: str) -> str:
    """Nom lisible, accents gardés, accepté par tous les systèmes de fichiers."""
    propre = re.sub(r'[\x00-\x1f\x7f\\/:*?"<>|]+', "-", unicodedata.normalize("NFC", nom))
    return re.sub(r"\s+", " ", propre).strip(" .-") or "document"


def telechargement(contenu: bytes, nom: str, type_mime: str = TYPE_PDF) -> HttpResponse:
    """Réponse nominative : jamais gardée par un cache, jamais interprétée autrement qu’annoncée."""
    return HttpResponse(
        contenu,
        content_type=type_mime,
        headers={
            "Content-Disposition": content_disposition_header(True, nom_de_fichier(nom)),
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
