"""Couche la plus basse des sorties : HTML → PDF, lignes → classeur, octets → réponse à télécharger.

WeasyPrint ne lit ici ni fichier ni réseau pour le compte du contenu : les feuilles de style sont lues par
nous, parmi les fichiers statiques du projet, une image est écrite dans la page elle-même (adresse `data:`),
et toute autre adresse est refusée. Les polices viennent de `trpm.impression.polices`, d’aucune police de la
machine.
"""

import atexit
import csv
import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import blake2s
from io import BytesIO, StringIO
from itertools import count
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header

from trpm.base.a_la_demande import ALaDemande
from trpm.impression import balises, bornes, lecture, polices, signes
from trpm.textes import inerte, passerait_pour_une_formule

pypdf, weasyprint, xlsxwriter = map(ALaDemande, ("pypdf", "weasyprint", "xlsxwriter"))

PANGO_A_INSTALLER = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
PAR_DEFAUT = f'html {{ font-family: "{polices.FAMILLE}", "{polices.SECOURS}" }}'
TYPE_PDF = "application/pdf"
TYPE_CSV = "text/csv; charset=utf-8"
TYPE_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A4, MARGE, TITRE_MAX, TEXTE_MAX = 9, 5 / 7, 31, 32_767
"""Limites d’un tableur ; la marge d’une colonne est comptée à part de sa largeur."""
INTERDITS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
INTERDITS_DE_TITRE = re.compile(r"[\[\]:*?/\\\t\r\n]")
RESERVES = {"history", "historique"}


# --- Pango ------------------------------------------------------------------------------------


class PangoAbsent(Exception):
    """La bibliothèque Pango, dont WeasyPrint a besoin, n’est pas installée sur le serveur."""

    def __init__(self) -> None:
        super().__init__(
            "Pango est introuvable : les documents PDF ne peuvent pas être produits. "
            f"Sous Debian ou Ubuntu : apt-get install {PANGO_A_INSTALLER}"
        )


def pango_manque() -> bool:
    """WeasyPrint cherche Pango dès qu’on l’importe."""
    try:
        weasyprint.HTML  # noqa: B018
    except OSError:
        return True
    return False


def verifier_pango(app_configs: object, **options: object) -> list[checks.CheckMessage]:
    return [checks.Warning(str(PangoAbsent()), id="trpm.W001")] if pango_manque() else []


class PangoAbsentMiddleware:
    """Répond en français à la demande d’un PDF quand Pango manque (503) ou qu’il serait trop lourd (422)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, bornes.DocumentTropLourd):
            return render(request, "documents/trop_lourd.html", {"phrase": str(exception)}, status=422)
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
    if pango_manque():
        raise PangoAbsent
    bornes.peser(html)
    prefixe = f"{blake2s(html.encode(), digest_size=6).hexdigest()}-"
    with bornes.en_temps_compte(), bornes.sans_ramassage():
        page = signes.en_lettres(bornes.bornee(polices.imprimable(html)))
        return _mis_en_page(page, feuilles, archive, jointes, prefixe)


def pdf_sans_balises(html: str) -> bytes:
    """Une page à poser sur une autre : rien n’y est dit à un lecteur d’écran."""
    return _page_lue(html).write_pdf(stylesheets=[_css(PAR_DEFAUT)], font_config=_polices_lues())


def _page_lue(html: str) -> Any:
    page = weasyprint.HTML(string="<html>", url_fetcher=_aucun_acces())
    page.wrapper_element = lecture.racine(html)
    page.etree_element = page.wrapper_element.etree_element
    return page


def _mis_en_page(
    html: str, feuilles: Sequence[str], archive: bool, jointes: Sequence[Jointe], prefixe: str
) -> bytes:
    polices.exiger()
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
    return _page_lue(html).write_pdf(
        finisher=lambda _, fichier: balises.finir(fichier, archive=archive, prefixe=prefixe),
        stylesheets=[_css("\n".join((PAR_DEFAUT, *feuilles)))],
        font_config=_polices_lues(),
        pdf_variant="pdf/a-3a" if archive else "pdf/ua-1",
        attachments=attachees or None,
    )


_a_ce_fil = threading.local()
"""Pango ne se partage pas entre deux fils."""
atexit.register(_a_ce_fil.__dict__.clear)  # tant que Python sait encore effacer les fichiers de polices


def _polices_lues() -> Any:
    """Les polices déclarées à Pango, une fois par fil : un tiers du temps d’un document d’une page."""
    if not hasattr(_a_ce_fil, "polices"):
        reglage = weasyprint.text.fonts.FontConfiguration()
        weasyprint.CSS(string=polices.faces(), url_fetcher=_lire_police, font_config=reglage)
        _a_ce_fil.polices = reglage
    return _a_ce_fil.polices


def _lire_police(adresse: str) -> Any:
    """L’une des polices des paquets installés ; toute autre adresse est refusée."""
    if adresse not in polices.FACES:
        raise ValueError(f"Adresse refusée : {adresse}")
    return weasyprint.urls.URLFetcherResponse(adresse, polices.police(adresse))


@cache
def _aucun_acces() -> Any:
    return weasyprint.urls.URLFetcher(allowed_protocols=("data",))


@cache
def _css(feuille: str) -> Any:
    """Les feuilles de style d’un document, lues d’un trait et une fois : un dixième du temps d’une page."""
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
    with bornes.en_temps_compte():
        for densite in densites:
            contenu = pdf(template, context | {"densite": densite}, styles=styles)
            if len(pypdf.PdfReader(BytesIO(contenu)).pages) == 1:
                break
    return contenu


# --- Classeurs --------------------------------------------------------------------------------


class Formule(str):
    """Texte écrit comme formule, avec sa valeur déjà calculée : un téléphone ou un mode protégé n’en calcule
    aucune. Tout autre texte reste du texte, même s’il commence par « = »."""

    valeur: str | float

    def __new__(cls, formule: str, valeur: str | Decimal | Fraction | float) -> "Formule":
        une = super().__new__(cls, formule)
        une.valeur = valeur if isinstance(valeur, str) else float(valeur)
        return une


Valeur = str | int | Decimal | date | None


@dataclass(frozen=True)
class Feuille:
    titre: str
    lignes: Sequence[Sequence[Valeur]]
    largeurs: Sequence[float] = ()
    entetes: int = 1


class Tableur:
    """Un classeur xlsx que l’on écrit : titres admis, textes inertes, feuilles prêtes à imprimer.

    Rangs et colonnes se comptent à partir de un, comme dans une adresse de cellule.
    """

    def __init__(self) -> None:
        self._sortie = BytesIO()
        self._classeur = xlsxwriter.Workbook(self._sortie, {"in_memory": True})
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self._titres: list[str] = []

    def feuille(self, titre: str, *, figee: int = 0, repetees: tuple[int, int] = (1, 0)) -> Any:
        """Une feuille en paysage, large d’une page ; `repetees` : le premier et le dernier rang de titre."""
        page = self._classeur.add_worksheet(titre_de_feuille(titre, self._titres))
        self._titres.append(page.name)
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.set_footer("&L&A&R&P / &N")
        if figee:
            page.freeze_panes(figee, 0)
        if repetees[1]:
            page.repeat_rows(repetees[0] - 1, repetees[1] - 1)
        return page

    def largeurs(self, page: Any, largeurs: Iterable[float]) -> None:
        for colonne, largeur in enumerate(largeurs):
            page.set_column(colonne, colonne, largeur - MARGE)

    def poser(self, page: Any, rang: int, colonne: int, valeur: Valeur, **traits: object) -> None:
        """Écrit une valeur, au format donné, sans qu’un texte saisi puisse devenir une formule."""
        ou = rang - 1, colonne - 1
        if valeur is None or valeur == "":
            page.write_blank(*ou, None, self._format(traits))
        elif isinstance(valeur, Formule):
            page.write_formula(*ou, str(valeur), self._format(traits), valeur.valeur)
        elif isinstance(valeur, str):
            texte = INTERDITS.sub("", valeur)[:TEXTE_MAX]
            quote = {"quote_prefix": True} if passerait_pour_une_formule(texte) else {}
            page.write_string(*ou, texte, self._format(traits | quote))
        elif isinstance(valeur, date):
            page.write_datetime(*ou, valeur, self._format({"num_format": "dd/mm/yyyy"} | traits))
        else:
            page.write_number(*ou, valeur, self._format(traits))

    def _format(self, traits: dict[str, object]) -> Any:
        cle = tuple(sorted(traits.items()))
        if cle not in self._formats:
            self._formats[cle] = self._classeur.add_format(traits)
        return self._formats[cle]

    def octets(self) -> bytes:
        self._classeur.close()
        return self._sortie.getvalue()


def titre_de_feuille(titre: str, pris: Iterable[str] = ()) -> str:
    """Un titre que tout tableur admet : 31 signes, aucun d’interdit, ni apostrophe au bord, ni déjà pris."""
    propre = INTERDITS_DE_TITRE.sub(" ", INTERDITS.sub("", titre)).strip(" '") or "Feuille"
    if propre.casefold() in RESERVES:
        propre += "_"
    deja = {un.casefold() for un in pris}
    for rang in count(1):
        suite = f" ({rang})" if rang > 1 else ""
        essai = _tronque(propre, TITRE_MAX - len(suite)).rstrip(" '") + suite
        if essai.casefold() not in deja:
            return essai
    raise AssertionError  # `count` ne finit pas


def _tronque(texte: str, combien: int) -> str:
    """Un tableur compte un emoji pour deux signes."""
    while len(texte.encode("utf-16-le")) > 2 * combien:
        texte = texte[:-1]
    return texte


def classeur(feuilles: Iterable[Feuille]) -> bytes:
    """Classeur xlsx : en-têtes en gras, figés et répétés à l’impression, colonnes aux largeurs demandées."""
    tableur = Tableur()
    for feuille in feuilles:
        page = tableur.feuille(feuille.titre, figee=feuille.entetes, repetees=(1, feuille.entetes))
        tableur.largeurs(page, feuille.largeurs)
        for rang, ligne in enumerate(feuille.lignes, start=1):
            gras = {"bold": True} if rang <= feuille.entetes else {}
            for colonne, valeur in enumerate(ligne, start=1):
                tableur.poser(page, rang, colonne, valeur, text_wrap=True, valign="top", **gras)
    return tableur.octets()


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
