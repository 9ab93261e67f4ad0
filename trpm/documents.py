"""Couche la plus basse des sorties : HTML → PDF, lignes → classeur, octets → réponse à télécharger.

WeasyPrint ne lit ici ni fichier ni réseau pour le compte du contenu : les feuilles de style sont
lues par nous, parmi les fichiers statiques du projet, une image est écrite dans la page elle-même
(adresse `data:`), et toute autre adresse est refusée.
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
from typing import Any, cast

from django.contrib.staticfiles import finders
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from trpm import balises
from trpm.textes import inerte, passerait_pour_une_formule

try:
    import weasyprint
except OSError:  # WeasyPrint cherche Pango dès l’import.
    weasyprint = None

PANGO_A_INSTALLER = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
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
    document = weasyprint.HTML(string=html, url_fetcher=_aucun_acces())
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
        stylesheets=[_css(feuille) for feuille in feuilles],
        pdf_variant="pdf/a-3a" if archive else "pdf/ua-1",
        attachments=attachees or None,
    )


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


XMP_UA = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{titre}</rdf:li></rdf:Alt></dc:title>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def pdf_reunis(documents: Iterable[bytes], *, titre: str = "") -> bytes:
    """Un seul fichier, dans l’ordre reçu, par exemple les dossiers d’une classe : balisé comme eux.

    pypdf recopie les pages, pas l’arbre des balises : celui de chaque document est recopié ici sous une
    racine commune, et les numéros qui relient une page à ses balises sont décalés d’autant.
    """
    ensemble = PdfWriter()
    numeros = ArrayObject()
    branches = ArrayObject()
    racine = ensemble._add_object(DictionaryObject({NameObject("/Type"): NameObject("/StructTreeRoot")}))
    tout = ensemble._add_object(_balise("/Document", racine))
    for contenu in documents:
        lecteur = PdfReader(BytesIO(contenu))
        premiere = len(ensemble.pages)
        ensemble.append(lecteur, import_outline=False)
        arbre = lecteur.root_object.get("/StructTreeRoot")
        if arbre is None:
            continue
        decalage = 1 + max((int(numero) for numero in numeros[::2]), default=-1)
        copie: Any = arbre.get_object().clone(ensemble)
        for source, page in zip(lecteur.pages, ensemble.pages[premiere:], strict=True):
            _decaler(source, page, "/StructParents", decalage)
            for origine, annotation in zip(source.get("/Annots", ()), page.get("/Annots", ()), strict=True):
                _decaler(origine.get_object(), annotation.get_object(), "/StructParent", decalage)
        parents = copie["/ParentTree"].get_object()["/Nums"]
        for numero, elements in zip(parents[::2], parents[1::2], strict=True):
            numeros += [NumberObject(int(numero) + decalage), elements]
        for branche in _liste(copie["/K"]):
            branche.get_object()[NameObject("/P")] = tout
            branches.append(branche)
    if branches:
        cast(DictionaryObject, tout.get_object())[NameObject("/K")] = branches
        _baliser(ensemble, racine, tout, numeros)
        ensemble.xmp_metadata = XMP_UA.format(titre=escape(titre)).encode()
        donnees = cast(DictionaryObject, ensemble.root_object["/Metadata"])
        donnees[NameObject("/Type")], donnees[NameObject("/Subtype")] = (
            NameObject("/Metadata"),
            NameObject("/XML"),
        )
    ensemble.add_metadata({"/Title": titre, "/Producer": "WeasyPrint, pypdf"})
    sortie = BytesIO()
    ensemble.write(sortie)
    return sortie.getvalue()


def _balise(role: str, parent: IndirectObject) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/StructElem"),
            NameObject("/S"): NameObject(role),
            NameObject("/P"): parent,
        }
    )


def _liste(valeur: Any) -> Iterable[Any]:
    objet = valeur.get_object()
    return objet if isinstance(objet, ArrayObject) else [valeur]


def _decaler(source: Any, copie: Any, cle: str, decalage: int) -> None:
    if cle in source:
        copie[NameObject(cle)] = NumberObject(int(source[cle]) + decalage)


def _baliser(ensemble: PdfWriter, racine: IndirectObject, tout: IndirectObject, numeros: ArrayObject) -> None:
    """Le catalogue d’un PDF balisé, en français, qui s’ouvre sur son titre."""
    arbre = cast(DictionaryObject, racine.get_object())
    arbre[NameObject("/K")] = ArrayObject([tout])
    arbre[NameObject("/ParentTree")] = ensemble._add_object(DictionaryObject({NameObject("/Nums"): numeros}))
    suivant = 1 + max((int(numero) for numero in numeros[::2]), default=-1)
    arbre[NameObject("/ParentTreeNextKey")] = NumberObject(suivant)
    catalogue = ensemble.root_object
    catalogue[NameObject("/StructTreeRoot")] = racine
    catalogue[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})
    catalogue[NameObject("/Lang")] = TextStringObject("fr")
    catalogue[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )


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
