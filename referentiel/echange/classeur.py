"""Le classeur d'un référentiel : une feuille par notion, des listes, une explication par colonne.

Il s'engendre du schéma ; rempli, il se relit en document, chaque faute à sa feuille, sa ligne, sa colonne.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from referentiel.echange.plan import DIPLOME, RATTACHEMENT, Colonne, Notion, feuilles, uniques
from referentiel.echange.tableau import (
    FauteSituee,
    Place,
    TableauInvalide,
    Tables,
    mettre_a_plat,
    texte_de_tables,
)
from referentiel.fichier.fautes import Faute, FichierInvalide, liste_en_clair
from referentiel.fichier.lecture import schema
from trpm.base.a_la_demande import ALaDemande
from trpm.impression.documents import Tableur

openpyxl = ALaDemande("openpyxl")

ENTETE = 2
"""Rang, dans une feuille, de la première ligne de données."""
RANGS_MAX, COLONNES_MAX = 20_000, 40
OCTETS_DEPLIES_MAX = 60 * 1024 * 1024
SAISIE = 500
"""Lignes que couvrent les listes déroulantes d'une feuille."""
EMPLOI = "Mode d’emploi"
CONSIGNES = (
    "Une feuille par notion ; une ligne par élément, dans l’ordre où il doit s’afficher.",
    "Les titres de colonne disent ce qu’on attend : survolez-les. Un titre suivi de * est obligatoire.",
    "« Rattaché à » désigne l’élément porteur par ses codes, séparés par « / » : C7/C7.3. Si le porteur est "
    "propre à une option, l’option suit le signe « = » : C7/C7.3=RMO.",
    "Plusieurs codes dans une cellule se séparent par une espace : C1 C4 C5.",
    "Un nombre décimal s’écrit avec une virgule ou un point. Oui et non s’écrivent en toutes lettres.",
    "Une cellule de poids vide dit que le texte n’en publie pas (dans une épreuve, toutes ou aucune).",
    "Rien ne s’écrit au dépôt du classeur : l’application dit d’abord ses fautes, puis ce qu’il changerait.",
)
CITES = {
    "option": "options",
    "voie": "voies",
    "bloc": "blocs",
    "epreuve": "epreuves",
    "parent": "epreuves",
    "echelle": "echelles",
}
"""La feuille où se trouvent les codes que cite une colonne."""


def classeur_de(document: Mapping[str, Any]) -> bytes:
    """Le classeur d'un document ; d'un document vide, le modèle à remplir."""
    plat = mettre_a_plat(document)
    tableur = Tableur()
    accueil = tableur.feuille(EMPLOI)
    tableur.largeurs(accueil, [110])
    for rang, phrase in enumerate((EMPLOI, *CONSIGNES), start=1):
        tableur.poser(accueil, rang, 1, phrase, text_wrap=True, valign="top", bold=rang == 1)
    for feuille in feuilles().values():
        if feuille.nom == DIPLOME:
            _ecrire_diplome(tableur, feuille, plat)
        else:
            _ecrire(tableur, feuille, plat)
    return tableur.octets()


def _ecrire_diplome(tableur: Tableur, feuille: Notion, plat: Tables) -> None:
    page = tableur.feuille(feuille.titre, figee=1, repetees=(1, 1))
    tableur.largeurs(page, [32, 60, 80])
    for rang, titre in enumerate(("Propriété", "Valeur", "Explication"), start=1):
        tableur.poser(page, 1, rang, titre, bold=True)
    connues = dict(uniques(schema()))
    for rang, (nom, valeur) in enumerate(plat[DIPLOME], start=ENTETE):
        tableur.poser(page, rang, 1, nom, valign="top")
        tableur.poser(page, rang, 2, valeur, text_wrap=True, valign="top")
        tableur.poser(page, rang, 3, str(connues[nom].get("description", "")), text_wrap=True, valign="top")


def _ecrire(tableur: Tableur, feuille: Notion, plat: Tables) -> None:
    page = tableur.feuille(feuille.titre, figee=1, repetees=(1, 1))
    tableur.largeurs(page, [_largeur(colonne) for colonne in feuille.colonnes])
    for place, colonne in enumerate(feuille.colonnes):
        titre = f"{colonne.titre} *" if colonne.obligatoire else colonne.titre
        tableur.poser(page, 1, place + 1, titre, bold=colonne.obligatoire, valign="top", text_wrap=True)
        if colonne.aide:
            page.write_comment(0, place, colonne.aide, {"x_scale": 3, "y_scale": 1.5})
        if regle := _liste(feuille, colonne):
            page.data_validation(1, place, SAISIE, place, regle)
    for rang, ligne in enumerate(plat[feuille.nom], start=ENTETE):
        for place, valeur in enumerate(ligne, start=1):
            tableur.poser(page, rang, place, valeur, text_wrap=True, valign="top")


def _largeur(colonne: Colonne) -> float:
    return 70 if colonne.nom in ("intitule", "texte") else 36 if colonne.nom in ("libelle", "source") else 18


def _liste(feuille: Notion, colonne: Colonne) -> dict[str, Any] | None:
    """La liste déroulante d'une colonne : valeurs du schéma, ou codes d'une autre feuille."""
    avertir = {"validate": "list", "error_type": "warning", "error_title": "Valeur inattendue"}
    if colonne.choix:
        return avertir | {"source": list(colonne.choix), "error_message": "Choisissez dans la liste."}
    cite = CITES.get(colonne.nom)
    if (
        colonne.nom == RATTACHEMENT
        and len(feuille.racines) == 1
        and feuille.nom not in ("indicateurs", "detaillees")
    ):
        cite = feuille.racines[0]
    if feuille.table and colonne.nom == "competences":
        cite = "competences"
    if cite is None:
        return None
    titre = feuilles()[cite].titre
    source = f"='{titre}'!$A$2:$A${SAISIE}"
    return avertir | {"source": source, "error_message": f"Ce code doit figurer dans la feuille « {titre} »."}


# -- relire -------------------------------------------------------------------


def texte_de_classeur(octets: bytes) -> str:
    """Le texte du document que dit un classeur ; `FichierInvalide` porte ses fautes, situées."""
    tables, fautes = _lire(octets)
    if fautes:
        raise FichierInvalide(map(_dite, fautes))
    try:
        return texte_de_tables(tables, ENTETE)
    except TableauInvalide as erreur:
        raise FichierInvalide(map(_dite, erreur.fautes)) from None


def _dite(faute: FauteSituee) -> Faute:
    if faute.place is None:
        return Faute("", None, faute.message)
    place = faute.place
    ou = f"Feuille « {place.titre} »"
    if place.colonne_dite:
        ou += f", colonne {_lettre(place)} « {place.colonne_dite} »"
    return Faute(ou, place.ligne + ENTETE, faute.message)


def _lettre(place: Place) -> str:
    """La lettre de la colonne dans le modèle."""
    noms = [colonne.nom for colonne in feuilles()[place.feuille].colonnes]
    if place.feuille == DIPLOME:
        return "B"
    return chr(ord("A") + noms.index(place.colonne)) if place.colonne in noms else ""


def _lire(octets: bytes) -> tuple[Tables, list[FauteSituee]]:
    tables: Tables = {nom: [] for nom in feuilles()}
    fautes: list[FauteSituee] = []
    par_titre = {feuille.titre.casefold(): feuille for feuille in feuilles().values()}
    for titre, lignes in _pages(octets):
        feuille = par_titre.get(titre.strip().casefold())
        if feuille is None:
            if titre.strip().casefold() != EMPLOI.casefold() and any(any(ligne) for ligne in lignes):
                connues = liste_en_clair(autre.titre for autre in feuilles().values())
                message = (
                    f"La feuille « {titre} » n’est pas du modèle. Retirez-la, ou renommez-la : {connues}."
                )
                fautes.append(FauteSituee(None, message))
            continue
        if feuille.nom == DIPLOME:
            tables[DIPLOME] = [list(ligne[:2]) for ligne in lignes[1:]]
        else:
            tables[feuille.nom] = list(_rangees(feuille, lignes, fautes))
    if not tables[DIPLOME]:
        fautes.append(
            FauteSituee(None, "La feuille « Diplôme » manque ou est vide. Partez du classeur modèle.")
        )
    return tables, fautes


def _rangees(
    feuille: Notion, lignes: list[tuple[Any, ...]], fautes: list[FauteSituee]
) -> Iterator[list[Any]]:
    """Les lignes dans l'ordre des colonnes de la feuille, quel que soit celui du classeur."""
    if not lignes:
        return
    connues = {nom: place for place, colonne in enumerate(feuille.colonnes) for nom in _titres(colonne)}
    places: dict[int, int] = {}
    for rang, cellule in enumerate(lignes[0]):
        titre = str(cellule or "").rstrip(" *").strip()
        if not titre:
            continue
        place = connues.get(titre.casefold())
        if place is None or place in places.values():
            dit = "est donnée deux fois" if place is not None else "n’est pas du modèle"
            message = f"La colonne « {titre} » {dit}. Colonnes attendues : {liste_en_clair(feuille.titres)}."
            fautes.append(FauteSituee(Place(feuille.nom, -1), message))
        else:
            places[rang] = place
    for ligne in lignes[1:]:
        rangee: list[Any] = [None] * len(feuille.colonnes)
        for rang, place in places.items():
            rangee[place] = ligne[rang] if rang < len(ligne) else None
        yield rangee


def _titres(colonne: Colonne) -> tuple[str, str]:
    return colonne.titre.casefold(), colonne.nom.casefold()


def _pages(octets: bytes) -> list[tuple[str, list[tuple[Any, ...]]]]:
    message = "Ce classeur est abîmé ou n’est pas un xlsx. Enregistrez-le à nouveau au format .xlsx."
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            deplie = sum(entree.file_size for entree in archive.infolist())
        if deplie > OCTETS_DEPLIES_MAX:
            message = "Ce classeur contient trop de données pour un référentiel."
            raise ValueError(message)
        classeur = openpyxl.load_workbook(
            io.BytesIO(octets), read_only=True, data_only=True, keep_links=False
        )
        pages = [
            (
                page.title,
                list(page.iter_rows(max_row=RANGS_MAX, max_col=COLONNES_MAX, values_only=True)),
            )
            for page in classeur.worksheets
        ]
        classeur.close()
    except Exception:  # openpyxl et zipfile lèvent à peu près tout devant un classeur abîmé
        raise FichierInvalide([Faute("", None, message)]) from None
    return pages
