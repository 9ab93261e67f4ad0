"""Tout ce qui dit la note d’un dossier, lu comme on le lit : page, documents, classeurs, table."""

import csv
import html
import re
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO

from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from openpyxl import load_workbook

from certification.document import classeurs, tables, tirage
from certification.document.origine import origine
from certification.document.releves import releve
from certification.dossier.resultats import DossierLu
from certification.notation import nombre
from trpm.impression.documents import table_csv
from trpm.textes import ancre

NOTE = re.compile(r"^\d+(,\d+)?\s/\s20$")


def texte(balises: str) -> str:
    """Le texte d’un fragment, blancs réunis."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", balises)).split())


def entre(page: str, debut: str, fin: str) -> str:
    """Le texte qui suit `debut`, jusqu’à `fin` ; vide si `debut` n’y est pas."""
    trouve = re.search(f"{debut}(.*?){fin}", page, re.DOTALL)
    return texte(trouve.group(1)) if trouve else ""


def sans_points(valeur: str) -> str:
    """« …… / 20 », à remplir à la main, dit qu’aucune note n’est arrêtée."""
    return "non arrêtée" if valeur == "…… / 20" else valeur


def _page(lu: DossierLu, client: Client) -> str:
    page = client.get(lu.dossier.get_absolute_url()).content.decode()
    if situation := entre(page, '<p class="note-texte">', "</p>"):
        return situation
    if f'id="confirmer-{ancre("=note")}"' in page:
        return "à confirmer"
    return entre(page, r'<dt>Proposée</dt><dd class="note">', "</dd>") or "non arrêtée"


def _grille(lu: DossierLu, client: Client) -> str:
    return sans_points(
        entre(
            tirage.html(lu, "grilles"), r'<span class="(?:valeur|texte)">', r"</span>\s*(?:</span>)?\s*</div>"
        )
    )


def _origine(lu: DossierLu, client: Client) -> str:
    contexte = {"lu": lu, "grille": lu.grille, "origine": origine(lu)}
    page = render_to_string("certification/document/_origine.html", contexte)
    situation = entre(page, r"Aucune note n’est calculée\s:", r"\.</p>")
    return (
        situation
        or re.split(", différente", entre(page, r"Note proposée par la commission\s:", "</li>"))[0].strip()
    )


def _bordereau(lu: DossierLu, client: Client) -> str:
    return releve([lu]).lignes()[0][1][0]


def _proces_verbal(lu: DossierLu, client: Client) -> str:
    page = render_to_string("documents/proces_verbal.html", {"releve": releve([lu]), "sceau": None})
    return entre(page, r'<td class="valeur">', "</td>")


def _classeur(lu: DossierLu, client: Client) -> str:
    page = load_workbook(BytesIO(classeurs.grille(lu))).worksheets[0]
    rangs = {rang[1].value: rang[4].value for rang in page.iter_rows()}
    return _valeur(rangs.get("Note proposée par la commission", rangs.get("Situation du candidat")))


def _recapitulatif(lu: DossierLu, client: Client) -> str:
    page = load_workbook(BytesIO(classeurs.commission([lu]))).worksheets[0]
    return _valeur(page["H2"].value)


def _csv(lu: DossierLu, client: Client) -> str:
    """La colonne « Note », ou ce que dit « État » quand elle est vide."""
    lignes = csv.DictReader(StringIO(table_csv(tables.notes([lu])).decode("utf-8-sig")), delimiter=";")
    (ligne,) = lignes
    return f"{ligne['Note']} / 20" if ligne["Note"] else ligne["État"]


def _cyclades(lu: DossierLu, client: Client) -> str:
    note, etat = tables.cyclades([lu]).rangees[0].cellules[3:]
    return etat if note is None else f"{nombre(note)} / 20"


def observations(lu: DossierLu) -> dict[str, bool]:
    """Par document qui les imprime, s'il porte les observations de la commission."""
    contexte = {"releve": releve([lu]), "sceau": None}
    imprimes = {
        "grille": tirage.html(lu, "grilles"),
        "procès-verbal": render_to_string("documents/proces_verbal.html", contexte),
    }
    return {nom: "Dossier soigné." in page for nom, page in imprimes.items()}


def _valeur(valeur: object) -> str:
    return f"{nombre(valeur)} / 20" if isinstance(valeur, int | float) and valeur is not None else str(valeur)


SORTIES: dict[str, Callable[[DossierLu, Client], str]] = {
    "page": _page,
    "grille": _grille,
    "annexe": _origine,
    "bordereau": _bordereau,
    "procès-verbal": _proces_verbal,
    "classeur": _classeur,
    "récapitulatif": _recapitulatif,
    "csv": _csv,
    "cyclades": _cyclades,
}


LUES_EN_BASE = ("page", "cyclades")
"""Sur PostgreSQL : la page, qui relit tout, et une table ; le reste montre le même objet, déjà lu."""
A_LIRE = LUES_EN_BASE if connection.vendor == "postgresql" else tuple(SORTIES)


def dites(lu: DossierLu, client: Client, noms: Sequence[str] = A_LIRE) -> dict[str, str]:
    """Par sortie, la note ou la raison qu’elle donne, dans les mêmes mots."""
    return {nom: _memes_mots(SORTIES[nom](lu, client)) for nom in noms}


def _memes_mots(valeur: str) -> str:
    valeur = " ".join(valeur.split())
    if NOTE.match(valeur):
        return f"{float(valeur.split(' /')[0].replace(',', '.')):g}"
    return valeur[:1].lower() + valeur[1:]
