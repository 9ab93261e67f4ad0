"""Un document mis en tables et des tables remises en document, sans rien perdre. Module pur.

Une table est une liste de lignes ; chaque ligne a ses cellules dans l'ordre des colonnes de sa feuille.
La place de chaque valeur est retenue : une faute du document se dit avec sa feuille, sa ligne et sa colonne.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from referentiel.echange.cellules import lire_cellule
from referentiel.echange.plan import (
    DIPLOME,
    RATTACHEMENT,
    VALEUR,
    Colonne,
    Notion,
    Schema,
    elements,
    est_objet,
    feuilles,
    listes,
    nom_de,
    nom_de_feuille,
    proprietes,
    resolu,
    separateur,
    table_propre,
    tables,
    types,
    uniques,
)
from referentiel.fichier.comparaison import SI_DONNES
from referentiel.fichier.ecriture import ecrire, nombre
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.json_situe import Chemin, Situe, pointeur
from referentiel.fichier.lecture import lire_texte, ordonner, schema

Ligne = list[Any]
Tables = dict[str, list[Ligne]]

SOCLE = ("identite", "reperes")
"""Objets que l'export écrit toujours, fussent-ils vides."""
COMBLES = 200
"""Fautes situées, au plus : au-delà, c'est le fichier qui n'est pas le bon."""


@dataclass(frozen=True)
class Place:
    """Où est une valeur : sa feuille, le rang de sa ligne (à partir de 0), sa colonne si on la sait."""

    feuille: str
    ligne: int
    colonne: str = ""

    @property
    def titre(self) -> str:
        return feuilles()[self.feuille].titre

    @property
    def colonne_dite(self) -> str:
        connues = {colonne.nom: colonne.titre for colonne in feuilles()[self.feuille].colonnes}
        return connues.get(self.colonne, self.colonne)


@dataclass(frozen=True)
class FauteSituee:
    place: Place | None
    message: str


class TableauInvalide(ValueError):
    """Les tables ont des fautes ; aucun document n'en a été tiré."""

    def __init__(self, fautes: Sequence[FauteSituee]) -> None:
        self.fautes = tuple(fautes)
        super().__init__("\n".join(faute.message for faute in self.fautes))


# -- du document aux tables ---------------------------------------------------


def mettre_a_plat(document: Mapping[str, Any]) -> Tables:
    plat: Tables = {nom: [] for nom in feuilles()}
    plat[DIPLOME] = [[nom, _cellule(_valeur_a(document, nom), noeud)] for nom, noeud in uniques(schema())]
    _objet(document, schema(), "", plat)
    return plat


def _objet(objet: Mapping[str, Any], noeud: Schema, prefixe: str, plat: Tables) -> None:
    for nom, contenu in proprietes(noeud).items():
        if est_objet(contenu) and "properties" in contenu:
            _objet(objet.get(nom) or {}, contenu, f"{prefixe}{nom}.", plat)
    _enfants(objet, noeud, prefixe, ("", "", ""), plat)


def _enfants(
    objet: Mapping[str, Any], noeud: Schema, prefixe: str, ou: tuple[str, str, str], plat: Tables
) -> None:
    """`ou` : la liste de premier rang, celle dont vient l'objet, et le rattachement de ce qui en dépend."""
    racine, parent, chemin = ou
    for nom, contenu in listes(noeud).items():
        sous = elements(contenu)
        feuille = feuilles()[nom_de_feuille(prefixe, nom, parent, noeud, sous)]
        for element in objet.get(nom) or []:
            plat[feuille.nom] += _lignes(feuille, element, _rattache(feuille, racine, chemin))
            suite = f"{chemin}/{nom_de(element)}" if chemin else nom_de(element)
            _enfants(element, sous, "", (racine or feuille.nom, nom, suite), plat)
    for nom in tables(noeud):
        if nom != table_propre(noeud):
            debut = _rattache(feuilles()[nom], racine, chemin)
            plat[nom] += [[debut, cle, _cellule(valeur)] for cle, valeur in (objet.get(nom) or {}).items()]


def _rattache(feuille: Notion, racine: str, chemin: str) -> str:
    return f"{racine}/{chemin}" if feuille.multiple else chemin


def _lignes(feuille: Notion, element: Mapping[str, Any], chemin: str) -> Iterator[Ligne]:
    debut = [chemin] if feuille.attachee else []
    if not feuille.table:
        yield debut + [_cellule(element.get(une.nom), une.noeud) for une in _propres(feuille)]
        return
    propres = [_cellule(element.get(une.nom), une.noeud) for une in _propres(feuille)[:-2]]
    for cle, valeur in element[feuille.table].items():
        yield [*debut, *propres, cle, _cellule(valeur)]


def _propres(feuille: Notion) -> list[Colonne]:
    return [colonne for colonne in feuille.colonnes if colonne.nom != RATTACHEMENT]


def _valeur_a(document: Mapping[str, Any], chemin: str) -> Any:
    valeur: Any = document
    for pas in chemin.split("."):
        valeur = valeur.get(pas) if isinstance(valeur, Mapping) else None
    return valeur


def _cellule(valeur: Any, noeud: Schema | None = None) -> Any:
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, list):
        return separateur(noeud or {}).join(map(str, valeur))
    return nombre(valeur) if isinstance(valeur, Decimal) else valeur


# -- des tables au document ---------------------------------------------------


class _Remise:
    """Le document que disent des tables, la place de chaque valeur, et ce qui ne se rattache à rien."""

    def __init__(self, plat: Mapping[str, list[Ligne]]) -> None:
        self.plat = plat
        self.brut: dict[str, Any] = {}
        self.places: dict[str, Place] = {}
        self.fautes: list[FauteSituee] = []
        self.porteurs: dict[tuple[str, str], tuple[dict[str, Any], Schema, Chemin]] = {}
        self._socle(self.brut, schema())
        for rang, (nom, valeur) in enumerate(ligne[:2] for ligne in plat.get(DIPLOME, [])):
            self._unique(str(nom or ""), valeur, rang)
        attente = [
            (feuille, rang, ligne)
            for feuille in feuilles().values()
            if feuille.nom != DIPLOME
            for rang, ligne in enumerate(plat.get(feuille.nom, []))
            if any(cellule not in (None, "") for cellule in ligne)
        ]
        for feuille, rang, ligne in sorted(
            attente, key=lambda attendue: _profondeur(attendue[0], attendue[2])
        ):
            self._ligne(feuille, rang, ligne)

    def _socle(self, objet: dict[str, Any], noeud: Schema) -> None:
        """Ce que l'export écrit toujours à la racine, fût-il vide."""
        for nom, contenu in proprietes(noeud).items():
            if "const" in contenu:
                objet[nom] = contenu["const"]
            elif elements(contenu) and nom not in SI_DONNES:
                objet[nom] = []
                self.places[pointeur((nom,))] = Place(nom, -1)
            elif nom in SOCLE:
                objet[nom] = {}
            elif "null" in types(contenu):
                objet[nom] = None

    def _unique(self, nom: str, valeur: Any, rang: int) -> None:
        connus = dict(uniques(schema()))
        place = Place(DIPLOME, rang, VALEUR)
        if nom not in connus:
            if nom or valeur not in (None, ""):
                self.fautes.append(FauteSituee(place, f"« {nom} » n’est pas une propriété d’un diplôme."))
            return
        pas = tuple(nom.split("."))
        self.places[pointeur(pas)] = place
        lue = lire_cellule(valeur, connus[nom])
        if lue is None:
            if len(pas) == 1 and "null" not in types(connus[nom]):
                self.brut.pop(nom, None)
            return
        ici = self.brut
        for etape in pas[:-1]:
            ici = ici.setdefault(etape, {})
        ici[pas[-1]] = lue

    def _ligne(self, feuille: Notion, rang: int, ligne: Ligne) -> None:
        cellules = dict(zip((colonne.nom for colonne in feuille.colonnes), ligne, strict=False))
        if feuille.attachee:
            porteur = self._porteur(feuille, rang, cellules)
            if porteur is None:
                return
        else:
            porteur = self._racine(feuille)
        objet, chemin = porteur
        if feuille.table and feuille.table == feuille.nom:
            self._entree(objet, (*chemin, feuille.table), cellules, feuille, rang, feuille.colonnes[1].nom)
            return
        self._element(feuille, rang, cellules, objet, chemin)

    def _racine(self, feuille: Notion) -> tuple[dict[str, Any], Chemin]:
        objet, chemin = self.brut, feuille.nom.split(".")[:-1]
        for pas in chemin:
            objet = objet.setdefault(pas, {})
        return objet, tuple(chemin)

    def _porteur(
        self, feuille: Notion, rang: int, cellules: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Chemin] | None:
        nom = str(cellules.get(RATTACHEMENT) or "").strip()
        debut, _, reste = nom.partition("/")
        racines, nom = ([debut], reste) if feuille.multiple else (list(feuille.racines), nom)
        for racine in racines:
            objet, noeud, chemin = self.porteurs.get((racine, nom), ({}, {}, ()))
            if feuille.propriete in noeud.get("properties", {}):
                return objet, chemin
        dit = cellules.get(RATTACHEMENT) or ""
        message = f"« {dit} » ne désigne aucun élément auquel rattacher cette ligne."
        self.fautes.append(FauteSituee(Place(feuille.nom, rang, RATTACHEMENT), message))
        return None

    def _element(
        self, feuille: Notion, rang: int, cellules: Mapping[str, Any], objet: dict[str, Any], chemin: Chemin
    ) -> None:
        liste = objet.setdefault(feuille.propriete, [])
        element = _lu(feuille, cellules)
        place = (*chemin, feuille.propriete, len(liste))
        if feuille.table:
            rencontre = next((autre for autre in liste if nom_de(autre) == nom_de(element)), None)
            if rencontre is not None:
                element = rencontre
                place = (*place[:-1], next(i for i, autre in enumerate(liste) if autre is rencontre))
        if not any(autre is element for autre in liste[-1:]) and place[-1] == len(liste):
            liste.append(element)
            self._situer(feuille, rang, place)
            self._declarer(feuille, cellules, element, place)
        if feuille.table:
            cle = feuille.colonnes[-2].nom
            self._entree(element, (*place, feuille.table), cellules, feuille, rang, cle)

    def _declarer(
        self, feuille: Notion, cellules: Mapping[str, Any], element: dict[str, Any], place: Chemin
    ) -> None:
        debut = str(cellules.get(RATTACHEMENT) or "").strip() if feuille.attachee else ""
        nom = f"{debut}/{nom_de(element)}" if debut else nom_de(element)
        racine = str(place[0])
        self.porteurs.setdefault((racine, nom), (element, self._noeud(place), place))

    def _noeud(self, place: Chemin) -> Schema:
        noeud = schema()
        for pas in place:
            noeud = resolu(noeud["items"]) if isinstance(pas, int) else proprietes(noeud)[pas]
        return noeud

    def _entree(
        self,
        objet: dict[str, Any],
        chemin: Chemin,
        cellules: Mapping[str, Any],
        feuille: Notion,
        rang: int,
        colonne: str,
    ) -> None:
        """Une entrée d'une table, sous sa clé."""
        cle = str(lire_cellule(cellules.get(colonne), {"type": "string"}) or "")
        table = objet.setdefault(str(chemin[-1]), {})
        if cle in table:
            message = f"« {cle} » est donné deux fois pour le même élément. Gardez une seule ligne."
            self.fautes.append(FauteSituee(Place(feuille.nom, rang, colonne), message))
        table[cle] = lire_cellule(cellules.get(VALEUR), feuille.colonnes[-1].noeud)
        self.places[pointeur((*chemin, cle))] = Place(feuille.nom, rang, VALEUR)
        self.places.setdefault(pointeur(chemin), Place(feuille.nom, rang))

    def _situer(self, feuille: Notion, rang: int, place: Chemin) -> None:
        self.places[pointeur(place)] = Place(feuille.nom, rang)
        for colonne in feuille.colonnes:
            self.places[pointeur((*place, colonne.nom))] = Place(feuille.nom, rang, colonne.nom)


def _profondeur(feuille: Notion, ligne: Ligne) -> int:
    """Un porteur se lit avant ce qui s'y rattache."""
    return 1 + str(ligne[0] or "").count("/") if feuille.attachee and ligne else 0


def _lu(feuille: Notion, cellules: Mapping[str, Any]) -> dict[str, Any]:
    propres = feuille.colonnes[:-2] if feuille.table else feuille.colonnes
    lues = {
        colonne.nom: lire_cellule(cellules.get(colonne.nom), colonne.noeud)
        for colonne in propres
        if colonne.nom != RATTACHEMENT
    }
    return {nom: valeur for nom, valeur in lues.items() if valeur is not None and valeur != []}


def texte_de_tables(plat: Mapping[str, list[Ligne]], premiere: int = 1) -> str:
    """Le texte du document que disent les tables, valide ; `TableauInvalide` porte les fautes, situées.

    `premiere` est le rang sous lequel se lit la première ligne d'une table.
    """
    remise = _Remise(plat)
    epele = json.dumps(remise.brut, ensure_ascii=False, indent=0, default=nombre)
    fautes = list(remise.fautes)
    try:
        document = lire_texte(epele)
    except FichierInvalide as erreur:
        lignes = _lignes_des_places(Situe(epele), remise.places)
        fautes += [
            FauteSituee(_place(remise.places, faute.pointeur), _redit(faute.message, lignes, premiere))
            for faute in erreur.fautes[:COMBLES]
        ]
    if fautes:
        raise TableauInvalide(fautes)
    return ecrire(ordonner(document.brut, schema()))


def _place(places: Mapping[str, Place], chemin: str) -> Place | None:
    """La place d'un endroit du document, ou de ce qui le contient."""
    while chemin:
        if chemin in places:
            return places[chemin]
        chemin = chemin.rpartition("/")[0]
    return None


def _lignes_des_places(situe: Situe, places: Mapping[str, Place]) -> dict[int, Place]:
    lignes: dict[int, Place] = {}
    for chemin, place in places.items():
        pas = [
            int(un) if un.isdigit() else un.replace("~1", "/").replace("~0", "~")
            for un in chemin.split("/")[1:]
        ]
        lignes.setdefault(situe.ligne(pas), place)
    return lignes


def _redit(message: str, lignes: Mapping[int, Place], premiere: int) -> str:
    """La ligne dont parle une phrase, dite comme celle d'une feuille."""

    def dire(trouvee: re.Match[str]) -> str:
        place = lignes.get(int(trouvee[1]))
        return (
            trouvee[0] if place is None else f"ligne {place.ligne + premiere} de la feuille « {place.titre} »"
        )

    return re.sub(r"ligne ([0-9]+)", dire, message)
