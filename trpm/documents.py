"""Couche la plus basse des sorties : HTML → PDF, lignes → classeur, octets → réponse à télécharger.

WeasyPrint ne lit ici ni fichier ni réseau pour le compte du contenu : les feuilles de style sont
lues par nous, parmi les fichiers statiques du projet, une image est écrite dans la page elle-même
(adresse `data:`), et toute autre adresse est refusée. Les polices viennent de `trpm.polices`, d’aucune
police de la machine.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

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
from pypdf import PdfReader

from trpm import balises, polices
from trpm.textes import inerte, passerait_pour_une_formule

try:
    import weasyprint
except OSError:  # WeasyPrint cherche Pango dès l’import.
    weasyprint = None

PANGO_A_INSTALLER = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
PAR_DEFAUT = f'html {{ font-family: "{polices.FAMILLE}", "{polices.SECOURS}" }}'
TYPE_PDF = "application/pdf"
TYPE_CSV = "text/csv; charset=utf-8"
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


@dataclass(frozen=True)
class Jointe:
    """Un fichier porté par un PDF d’archive : les données dont il est tiré."""

    nom: str
    contenu: bytes
    description: str
    date: datetime


def pdf_depuis_textes(
    html: str, feuilles: Sequence[str] = (), *, archive: bool = False, jointes: Sequence[Jointe] = ()
) -> bytes:
    """Le même, du texte au PDF : sans réglage ni base, donc aussi dans un processus à part.

    `archive` : PDF/A-3a et PDF/UA-1 à la fois, qui seul porte des fichiers joints.
    """
    if weasyprint is None:
        raise PangoAbsent
    reglage = weasyprint.text.fonts.FontConfiguration()
    lues = weasyprint.CSS(string=polices.faces(), url_fetcher=_lire_police, font_config=reglage)
    document = weasyprint.HTML(string=polices.imprimable(html), url_fetcher=_aucun_acces())
    attachees = [
        weasyprint.Attachment(
            file_obj=BytesIO(jointe.contenu),
            name=jointe.nom,
            description=jointe.description,
            created=jointe.date,
            modified=jointe.date,
            relationship="Data",
        )
        for jointe in jointes
    ]
    return document.write_pdf(
        finisher=lambda _, fichier: balises.finir(fichier, archive=archive),
        stylesheets=[lues, _css(PAR_DEFAUT), *(_css(feuille) for feuille in feuilles)],
        font_config=reglage,
        pdf_variant="pdf/a-3a" if archive else "pdf/ua-1",
        attachments=attachees or None,
    )


def _lire_police(adresse: str) -> Any:
    """L’un des fichiers de police des paquets installés ; toute autre adresse est refusée."""
    for chemin in polices.fichiers().values():
        if chemin.as_uri() == adresse:
            return weasyprint.urls.URLFetcherResponse(adresse, chemin.read_bytes())
    raise ValueError(f"Adresse refusée : {adresse}")


@cache
def _aucun_acces() -> Any:
    return weasyprint.urls.URLFetcher(allowed_protocols=("data",))


@cache
def _css(feuille: str) -> Any:
    """Une feuille de style du projet, lue une fois : un dixième du temps d’un document d’une page."""
    return weasyprint.CSS(string=feuille, url_fetcher=_aucun_acces())


def pdf(
    template: str,
    context: dict[str, object] | None = None,
    *,
    styles: Sequence[str] = (),
    request: HttpRequest | None = None,
) -> bytes:
    """PDF d’un gabarit, qui porte lui-même `lang`, `<title>` et ses règles `@page`."""
    return pdf_depuis_html(render_to_string(template, context, request), styles=styles)


def pdf_sur_une_page(
    template: str, context: dict[str, object], densites: Sequence[str], *, styles: Sequence[str] = ()
) -> bytes:
    """Le même sur une page : à la première `densite` (lue par le gabarit) qui y tient, ou à la dernière."""
    for densite in densites:
        contenu = pdf(template, context | {"densite": densite}, styles=styles)
        if len(PdfReader(BytesIO(contenu)).pages) == 1:
            break
    return contenu


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
    cellule.quotePrefix = passerait_pour_une_formule(valeur)


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


def table_csv(lignes: Iterable[Sequence[Valeur]]) -> bytes:
    """Table pour un tableur français (Q44) : « ; », UTF-8 avec BOM, virgule décimale, jj/mm/aaaa."""
    sortie = StringIO()
    csv.writer(sortie, delimiter=";").writerows([_inerte(valeur) for valeur in ligne] for ligne in lignes)
    return sortie.getvalue().encode("utf-8-sig")


def _inerte(valeur: Valeur) -> str:
    """Un texte qu’un tableur prendrait pour une formule reçoit une apostrophe."""
    if isinstance(valeur, Decimal):
        return str(valeur).replace(".", ",")
    if isinstance(valeur, date):
        return f"{valeur:%d/%m/%Y}"
    texte = "" if valeur is None else str(valeur)
    return inerte(texte) if isinstance(valeur, str) else texte


# --- Réponse ----------------------------------------------------------------------------------


def nom_de_fichier(nom: str) -> str:
    """Nom lisible, accents gardés, accepté par tous les systèmes de fichiers."""
    propre = re.sub(r'[\x00-\x1f\x7f\\/:*?"<>|]+', "-", unicodedata.normalize("NFC", nom))
    return re.sub(r"\s+", " ", propre).strip(" .-") or "document"


def telechargement(
    contenu: bytes, nom: str, type_mime: str = TYPE_PDF, *, affichable: bool = False
) -> HttpResponse:
    """Réponse nominative : jamais gardée par un cache, jamais interprétée autrement qu’annoncée.

    `affichable` : le navigateur peut la montrer ; réservé à ce que le serveur a lui-même dessiné.
    """
    return HttpResponse(
        contenu,
        content_type=type_mime,
        headers={
            "Content-Disposition": content_disposition_header(not affichable, nom_de_fichier(nom)),
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
