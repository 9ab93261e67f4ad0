"""Corriger et compléter un référentiel dans l'application : des tables remplies, remises en document.

Rien ne s'écrit ici : le texte obtenu passe par l'aperçu et l'import, comme celui d'un fichier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from referentiel import arrondi
from referentiel.echange.plan import RATTACHEMENT, Colonne, Notion, feuilles
from referentiel.echange.tableau import (
    FauteSituee,
    Ligne,
    Tables,
    mettre_a_plat,
    texte_de_tables,
)
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.lecture import lire_texte, ordonner, schema
from referentiel.models import Competence, Grille, Referentiel

PAR_PAGE = 25
NOUVELLES = 5
"""Lignes vides offertes au bas d'une feuille."""
CITES = 6
"""Éléments cités avec une source ; au-delà, leur nombre."""
NATURES = (
    ("certain", "texte officiel, ou document qui le cite"),
    ("derive", "calculé ou recoupé"),
    ("defaut", "choix de l’établissement, faute de texte"),
    ("hypothese", "plausible, sans source"),
)
"""Ce que vaut une source."""
VIDES: dict[str, Any] = {"commission": {}, "anterieurs": []}
"""Ce qu'un fichier peut taire sans rien changer ; une page que l'on a vidée, elle, l'efface."""
SYMBOLES = {
    "vide": "○ vide",
    "quart": "◔ quart",
    "demi": "◑ demi",
    "trois_quarts": "◕ trois quarts",
    "plein": "● plein",
}
DITS: dict[str, str] = {
    **dict(NATURES),
    **SYMBOLES,
    **dict(Competence.Nature.choices),
    **dict(Grille.Positionne.choices),
    **dict(arrondi.choix()),
    "session": "celles de l’année civile de la session",
    "cycle": "celles de tout le cycle",
}
"""Ce que l'on lit à la place d'un mot du fichier."""


@dataclass(frozen=True)
class CaseEditee:
    nom: str
    colonne: Colonne
    valeur: str
    fautes: tuple[str, ...]

    @property
    def choix(self) -> list[tuple[str, str]]:
        """Valeur et mots de chaque choix ; celle qui est enregistrée en est toujours."""
        connues = dict.fromkeys([*self.colonne.choix, *([self.valeur] if self.valeur else [])])
        return [(valeur, DITS.get(valeur, valeur)) for valeur in connues]

    @property
    def longue(self) -> bool:
        return self.colonne.nom in ("intitule", "libelle", "texte", "source", "mention_ponderation")


@dataclass(frozen=True)
class LigneEditee:
    """Une ligne de la feuille : son rang, ou `None` pour une ligne à ajouter."""

    nom: str
    cases: tuple[CaseEditee, ...]
    fautes: tuple[str, ...]
    nouvelle: bool
    titre: str


class Edition:
    """Un référentiel ouvert à l'édition : ses tables et l'état de la base à ce moment."""

    def __init__(self, referentiel: Referentiel) -> None:
        document = ContenuReferentiel(referentiel).document()
        self.referentiel = referentiel
        self.tables: Tables = mettre_a_plat(document)
        self.etat = sha256(ecrire(document).encode()).hexdigest()

    def porteurs(self, feuille: Notion) -> list[str]:
        """Ce à quoi une ligne de la feuille peut se rattacher."""
        place = next((rang for rang, un in enumerate(feuille.colonnes) if un.nom == RATTACHEMENT), None)
        if place is None:
            return []
        deja = [str(ligne[place]) for ligne in self.tables[feuille.nom]]
        connus = [
            f"{racine}/{nom}" if feuille.multiple else nom
            for racine in feuille.racines
            for nom in self._noms(racine)
        ]
        return list(dict.fromkeys([*connus, *deja]))

    def _noms(self, racine: str) -> list[str]:
        """Les éléments d'une liste et, pour les compétences, leurs compétences détaillées."""
        noms = [str(ligne[0]) for ligne in self.tables[racine]]
        if racine != "competences":
            return noms
        titres = [colonne.nom for colonne in feuilles()["detaillees"].colonnes]
        for ligne in self.tables["detaillees"]:
            lue = dict(zip(titres, ligne, strict=True))
            suite = f"{lue['code']}={lue['option']}" if lue["option"] else str(lue["code"])
            noms.append(f"{lue[RATTACHEMENT]}/{suite}")
        return noms


class EditionFeuille:
    """Une feuille sous les yeux : les lignes montrées, ce qu'on y a tapé, leurs fautes."""

    def __init__(self, edition: Edition, feuille: Notion, de: str = "", page: int = 1) -> None:
        self.edition, self.feuille, self.de = edition, feuille, de
        self.lignes = edition.tables[feuille.nom]
        choisies = [rang for rang, ligne in enumerate(self.lignes) if self._retenue(ligne)]
        self.pages = max(1, -(-len(choisies) // PAR_PAGE))
        self.page = min(max(page, 1), self.pages)
        self.rangs = choisies[(self.page - 1) * PAR_PAGE : self.page * PAR_PAGE]
        self.saisies: Mapping[str, str] = {}
        self.fautes: Sequence[FauteSituee] = ()
        self.places: dict[int, str] = {}

    def _retenue(self, ligne: Ligne) -> bool:
        return not self.de or str(ligne[0]).partition("/")[0] == self.de

    @property
    def groupes(self) -> list[str]:
        """Les porteurs de premier rang, pour n'en montrer qu'un à la fois."""
        if not self.feuille.attachee:
            return []
        return list(dict.fromkeys(str(nom).partition("/")[0] for nom in self.porteurs))

    @property
    def porteurs(self) -> list[str]:
        return self.edition.porteurs(self.feuille)

    # -- ce qui est tapé ------------------------------------------------------

    def lire(self, saisies: Mapping[str, str]) -> tuple[Tables, list[str]]:
        """Les tables avec ce qui a été tapé, et les éléments que cela touche."""
        self.saisies = saisies
        largeur = len(self.feuille.colonnes)
        lues: dict[int, Ligne | None] = {}
        for rang in self.rangs:
            ligne = [saisies.get(f"l{rang}-{place}", "").strip() for place in range(largeur)]
            lues[rang] = None if saisies.get(f"l{rang}-retirer") or not any(ligne) else ligne
        ajouts = {
            f"n{rang}": ligne
            for rang in range(NOUVELLES)
            if any(ligne := [saisies.get(f"n{rang}-{place}", "").strip() for place in range(largeur)])
            and any(ligne[1 if self.feuille.attachee else 0 :])
        }
        return self._remplacer(lues, ajouts)

    def _remplacer(
        self, lues: Mapping[int, Ligne | None], ajouts: Mapping[str, Ligne]
    ) -> tuple[Tables, list[str]]:
        suite: list[Ligne] = []
        touches: list[str] = []
        self.places = {}
        derniere = max(self.rangs, default=len(self.lignes) - 1)
        for rang, ancienne in enumerate(self.lignes):
            ligne = lues.get(rang, ancienne) if rang in lues else ancienne
            if rang in lues and (ligne is None or list(map(dite, ancienne)) != ligne):
                touches.append(self._nom(ligne or ancienne))
            if ligne is not None:
                self.places[len(suite)] = f"l{rang}"
                suite.append(ligne if rang in lues and list(map(dite, ancienne)) != ligne else ancienne)
            if rang == derniere:
                touches += self._ajouter(suite, ajouts)
        if not self.lignes:
            touches += self._ajouter(suite, ajouts)
        return self.edition.tables | {self.feuille.nom: suite}, touches

    def _ajouter(self, suite: list[Ligne], ajouts: Mapping[str, Ligne]) -> list[str]:
        for nom, ligne in ajouts.items():
            self.places[len(suite)] = nom
            suite.append(ligne)
        return [self._nom(ligne) for ligne in ajouts.values()]

    def _nom(self, ligne: Ligne) -> str:
        cellules = dict(zip((colonne.nom for colonne in self.feuille.colonnes), ligne, strict=False))
        noms = (cellules.get(nom) for nom in (RATTACHEMENT, "code", "version", "epreuve"))
        return " ".join(str(nom) for nom in noms if nom) or str(ligne[0])

    # -- ce qui est montré ----------------------------------------------------

    def montrees(self) -> list[LigneEditee]:
        nouvelles = [self._ligne(f"n{rang}", [self.de or ""], True) for rang in range(NOUVELLES)]
        return [self._ligne(f"l{rang}", self.lignes[rang], False) for rang in self.rangs] + nouvelles

    def _ligne(self, nom: str, ligne: Ligne, nouvelle: bool) -> LigneEditee:
        fautes = [faute for faute in self.fautes if self._de_la_ligne(faute, nom)]
        connues = [colonne.nom for colonne in self.feuille.colonnes]
        cases = tuple(
            CaseEditee(
                f"{nom}-{place}",
                colonne,
                self.saisies.get(f"{nom}-{place}", dite(ligne[place]) if place < len(ligne) else ""),
                tuple(
                    faute.message for faute in fautes if faute.place and faute.place.colonne == colonne.nom
                ),
            )
            for place, colonne in enumerate(self.feuille.colonnes)
        )
        generales = (faute.message for faute in fautes if faute.place and faute.place.colonne not in connues)
        titre = "Nouvelle ligne" if nouvelle else self._nom(ligne)
        return LigneEditee(nom, cases, tuple(generales), nouvelle, titre)

    def _de_la_ligne(self, faute: FauteSituee, nom: str) -> bool:
        place = faute.place
        return bool(place and place.feuille == self.feuille.nom and self.places.get(place.ligne) == nom)

    @property
    def autres_fautes(self) -> list[FauteSituee]:
        """Celles d'une ligne que cette page ne montre pas."""
        noms = [f"l{rang}" for rang in self.rangs] + [f"n{rang}" for rang in range(NOUVELLES)]
        return [faute for faute in self.fautes if not any(self._de_la_ligne(faute, nom) for nom in noms)]


def dite(valeur: Any) -> str:
    return "" if valeur is None else str(valeur)


def avec_source(tables: Tables, groupe: str, nature: str, texte: str, touches: Iterable[str]) -> str:
    """Le texte du document, la source de ce qui vient d'être écrit notée à côté des autres."""
    cites = list(dict.fromkeys(touches))
    suite = ", ".join(cites[:CITES]) + (f" et {len(cites) - CITES} autres" if len(cites) > CITES else "")
    source = [groupe, nature, f"{texte} ({suite})" if suite else texte]
    sources = tables["sources"]
    texte_entier = texte_de_tables(tables if source in sources else tables | {"sources": [*sources, source]})
    return ecrire(ordonner(VIDES | lire_texte(texte_entier).brut, schema()))
